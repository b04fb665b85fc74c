CREATE VIEW IF NOT EXISTS plumbline.v_run_summary AS
SELECT
    TenantId, RunId, AgentName, Service, Goal, Status, Stuck, StopReason, Message, Profile, Gate, Models,
    ModelCalls + ToolCalls AS Steps, ModelCalls, ToolCalls, Errors,
    InputTokens, OutputTokens, CachedInputTokens,
    CostMicroUsd / 1e6 AS CostUsd, CostSinceProgressMicroUsd / 1e6 AS CostSinceProgressUsd, UnpricedCalls,
    Progress, LastSequence, LastProgressSequence, length(OpenFindingIds) AS OpenFindings,
    StartedAt, LastSeenAt, EndedAt,
    (toUnixTimestamp64Nano(ifNull(EndedAt, LastSeenAt)) - toUnixTimestamp64Nano(StartedAt)) / 1e9 AS Seconds
FROM plumbline.runs FINAL
COMMENT 'Runs with what they did, cost and where they stand; money in US dollars';

CREATE VIEW IF NOT EXISTS plumbline.v_tool_reliability AS
SELECT
    TenantId, Name AS Tool, count() AS Calls, uniqExact(RunId) AS Runs,
    countIf(Outcome = 'error') AS Errors, countIf(Outcome = 'hidden-error') AS HiddenErrors, countIf(Outcome = 'empty') AS EmptyResults,
    (Errors + HiddenErrors) / Calls AS FailureRate,
    quantileExact(0.5)((toUnixTimestamp64Nano(assumeNotNull(EndedAt)) - toUnixTimestamp64Nano(StartedAt)) / 1e6) AS MedianMs,
    quantileExact(0.95)((toUnixTimestamp64Nano(assumeNotNull(EndedAt)) - toUnixTimestamp64Nano(StartedAt)) / 1e6) AS P95Ms,
    max(StartedAt) AS LastCallAt
FROM plumbline.steps FINAL
WHERE Kind = 'tool' AND State = 'ended' AND NOT Retracted AND EndedAt IS NOT NULL
GROUP BY TenantId, Name
COMMENT 'How often each tool fails, openly or hidden behind a success, and how long it takes';

CREATE VIEW IF NOT EXISTS plumbline.v_loop_cost AS
SELECT
    f.TenantId AS TenantId, f.RunId AS RunId, any(r.AgentName) AS AgentName, any(r.Goal) AS Goal,
    groupUniqArray(f.Kind) AS Kinds, count() AS Findings,
    max(f.AtSequence - least(f.LastProgressSequence, f.AtSequence)) AS BarrenSteps,
    max(f.CostSinceProgressMicroUsd) / 1e6 AS WastedUsd,
    any(r.CostMicroUsd) / 1e6 AS RunCostUsd
FROM (SELECT * FROM plumbline.findings FINAL WHERE Kind IN ('exact-loop', 'semantic-loop', 'no-progress', 'retry-storm')) AS f
LEFT JOIN (SELECT TenantId, RunId, AgentName, Goal, CostMicroUsd FROM plumbline.runs FINAL) AS r
    ON r.TenantId = f.TenantId AND r.RunId = f.RunId
GROUP BY f.TenantId, f.RunId
COMMENT 'What runs spent without progress before a loop was found; the dearest finding of a run counts, in US dollars';

CREATE VIEW IF NOT EXISTS plumbline.v_failure_patterns AS
SELECT
    TenantId, Kind, Name, Outcome, ifNull(ErrorType, '') AS ErrorType,
    count() AS Times, uniqExact(RunId) AS Runs, min(StartedAt) AS FirstAt, max(StartedAt) AS LastAt,
    argMax(ifNull(ErrorMessage, ''), StartedAt) AS LastMessage, argMax(RunId, StartedAt) AS LastRunId
FROM plumbline.steps FINAL
WHERE Outcome IN ('error', 'hidden-error') AND NOT Retracted
GROUP BY TenantId, Kind, Name, Outcome, ErrorType
COMMENT 'Which failures come again, over how many runs';

CREATE VIEW IF NOT EXISTS plumbline.v_intervention_rate AS
SELECT
    r.TenantId AS TenantId, toDate(r.StartedAt) AS Day, r.AgentName AS AgentName, r.Profile AS Profile,
    count() AS Runs, countIf(f.Findings > 0) AS RunsWithFinding, countIf(f.Interventions > 0) AS RunsIntervened,
    countIf(f.Pauses > 0) AS RunsPaused, countIf(f.Kills > 0) AS RunsKilled,
    RunsIntervened / Runs AS InterventionRate
FROM (SELECT TenantId, RunId, AgentName, Profile, StartedAt FROM plumbline.runs FINAL) AS r
LEFT JOIN (
    SELECT
        TenantId, RunId, count() AS Findings, countIf(Enforced AND Intervention != 'observe') AS Interventions,
        countIf(Enforced AND Intervention = 'pause') AS Pauses, countIf(Enforced AND Intervention = 'kill') AS Kills
    FROM plumbline.findings FINAL
    GROUP BY TenantId, RunId
) AS f ON f.TenantId = r.TenantId AND f.RunId = r.RunId
GROUP BY r.TenantId, Day, r.AgentName, r.Profile
COMMENT 'In how many runs of an agent and day the policy stepped in, would-have-beens left out';

CREATE VIEW IF NOT EXISTS plumbline.v_detector_precision AS
SELECT
    f.TenantId AS TenantId, f.Kind AS Kind, f.DetectorVersion AS DetectorVersion, count() AS Findings,
    countIf(v.Verdict = 'right') AS Right, countIf(v.Verdict = 'false-alarm') AS FalseAlarms,
    if(Right + FalseAlarms = 0, NULL, Right / (Right + FalseAlarms)) AS Precision
FROM (SELECT TenantId, FindingId, Kind, DetectorVersion FROM plumbline.findings FINAL) AS f
LEFT JOIN (
    SELECT TenantId, FindingId, argMax(Verdict, GivenAt) AS Verdict FROM plumbline.feedback FINAL GROUP BY TenantId, FindingId
) AS v ON v.TenantId = f.TenantId AND v.FindingId = f.FindingId
GROUP BY f.TenantId, f.Kind, f.DetectorVersion
COMMENT 'What people said of the findings of each detector version; null where nobody said anything';

CREATE VIEW IF NOT EXISTS plumbline.v_hidden_failures AS
SELECT
    s.TenantId AS TenantId, s.RunId AS RunId, s.StepId AS StepId, s.Sequence AS Sequence, s.Name AS Tool, s.StartedAt AS StartedAt,
    s.ToolArguments AS Arguments, s.ToolResult AS Result, s.OutcomeEvidence AS Evidence, s.TraceId AS TraceId, s.SpanId AS SpanId,
    f.FindingIds AS FindingIds
FROM (SELECT * FROM plumbline.steps FINAL WHERE Outcome = 'hidden-error' AND NOT Retracted) AS s
LEFT JOIN (
    SELECT TenantId, arrayJoin(EvidenceStepIds) AS StepId, groupUniqArray(FindingId) AS FindingIds
    FROM plumbline.findings FINAL
    WHERE Kind = 'hidden-failure'
    GROUP BY TenantId, StepId
) AS f ON f.TenantId = s.TenantId AND f.StepId = s.StepId
COMMENT 'Calls whose result says that they failed under a span that says they succeeded';

CREATE VIEW IF NOT EXISTS plumbline.v_time_to_stop AS
SELECT
    d.TenantId AS TenantId, d.RunId AS RunId, d.Desired AS Desired, any(d.Reason) AS Reason, d.IssuedBy AS IssuedBy,
    ifNull(any(d.FindingId), '') AS FindingId, any(f.Kind) AS Kind, nullIf(any(f.FirstAt), toDateTime64(0, 9)) AS DecidingStepAt, d.IssuedAt AS CommandAt,
    min(a.AckedAt) AS HeldAt,
    (toUnixTimestamp64Nano(HeldAt) - toUnixTimestamp64Nano(CommandAt)) / 1e6 AS CommandToHeldMs,
    (toUnixTimestamp64Nano(HeldAt) - toUnixTimestamp64Nano(DecidingStepAt)) / 1e6 AS StepToHeldMs
FROM (
    SELECT
        *, lagInFrame(Desired, 1, 'running') OVER (PARTITION BY TenantId, RunId ORDER BY Generation ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS DesiredBefore,
        leadInFrame(Generation, 1, 18446744073709551615) OVER (PARTITION BY TenantId, RunId ORDER BY Generation ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS GenerationAfter
    FROM (
        SELECT
            TenantId, RunId, Desired, IssuedBy, IssuedAt,
            min(directives.Generation) AS Generation, any(directives.Reason) AS Reason, any(directives.FindingId) AS FindingId
        FROM plumbline.directives FINAL
        GROUP BY TenantId, RunId, Desired, IssuedBy, IssuedAt
    )
) AS d
INNER JOIN (
    SELECT TenantId, RunId, Generation, AckedAt FROM plumbline.acks FINAL WHERE SubjectKind = 'directive' AND Phase = 'applied'
) AS a ON a.TenantId = d.TenantId AND a.RunId = d.RunId
LEFT JOIN (SELECT TenantId, FindingId, Kind, FirstAt FROM plumbline.findings FINAL) AS f
    ON f.TenantId = d.TenantId AND f.FindingId = ifNull(d.FindingId, '')
WHERE d.Desired IN ('paused', 'killed') AND d.Desired != d.DesiredBefore AND a.Generation >= d.Generation AND a.Generation < d.GenerationAfter
GROUP BY d.TenantId, d.RunId, d.Desired, d.IssuedBy, d.IssuedAt
COMMENT 'From the deciding step and from the command to the moment the agent held, by the clocks of agent and analyzer';
