CREATE VIEW IF NOT EXISTS plumbline.v_run_summary (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run',
    AgentName LowCardinality(String) COMMENT 'Agent',
    Service LowCardinality(String) COMMENT 'Service it runs in',
    Goal String COMMENT 'What it is to reach',
    Status LowCardinality(String) COMMENT 'queued, running, awaiting_approval, paused, stopping, completed, failed or killed',
    Stuck Bool COMMENT 'A finding at or above nudge is open and nothing new has come since',
    StopReason LowCardinality(Nullable(String)) COMMENT 'Why it is not running; null while it runs',
    Message String COMMENT 'That reason in words',
    Profile LowCardinality(String) COMMENT 'Profile in force',
    Gate LowCardinality(String) COMMENT 'connected, lost, or none when no gate ever reported',
    Models Array(LowCardinality(String)) COMMENT 'Models it called',
    Steps UInt64 COMMENT 'Model calls and tool calls',
    ModelCalls UInt64 COMMENT 'Model calls',
    ToolCalls UInt64 COMMENT 'Tool calls',
    Errors UInt64 COMMENT 'Steps that failed',
    InputTokens UInt64 COMMENT 'Prompt tokens, cached ones included',
    OutputTokens UInt64 COMMENT 'Completion tokens, reasoning included',
    CachedInputTokens UInt64 COMMENT 'Prompt tokens read from the cache of the provider',
    CostUsd Float64 COMMENT 'Cost in US dollars, without unpriced calls',
    CostSinceProgressUsd Float64 COMMENT 'Cost since the last step that made progress, in US dollars',
    UnpricedCalls UInt64 COMMENT 'Model calls whose model has no known price',
    Progress Float64 COMMENT 'Last progress score, 0 to 1',
    LastSequence UInt64 COMMENT 'Position of the last step',
    LastProgressSequence UInt64 COMMENT 'Position of the last step that made progress',
    OpenFindings UInt64 COMMENT 'How many findings are open',
    StartedAt DateTime64(9, 'UTC') COMMENT 'When it was first seen',
    LastSeenAt DateTime64(9, 'UTC') COMMENT 'When it was last heard of',
    EndedAt Nullable(DateTime64(9, 'UTC')) COMMENT 'When it ended; null while it has not',
    Seconds Float64 COMMENT 'From the start to the end, or to when it was last heard of'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_tool_reliability (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    Tool LowCardinality(String) COMMENT 'Tool',
    Calls UInt64 COMMENT 'Calls that ended',
    Runs UInt64 COMMENT 'Runs that made them',
    Errors UInt64 COMMENT 'Calls that failed openly',
    HiddenErrors UInt64 COMMENT 'Calls whose result says that they failed, while the span does not',
    EmptyResults UInt64 COMMENT 'Calls that returned nothing',
    FailureRate Float64 COMMENT '(Errors + HiddenErrors) / Calls',
    MedianMs Float64 COMMENT 'Median duration in milliseconds',
    P95Ms Float64 COMMENT '95th percentile of the duration in milliseconds',
    LastCallAt DateTime64(9, 'UTC') COMMENT 'Start of the last call'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_loop_cost (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run',
    AgentName String COMMENT 'Agent',
    Goal String COMMENT 'Goal of the run',
    Kinds Array(String) COMMENT 'Detectors that found it going round in circles',
    Findings UInt64 COMMENT 'How many findings they raised',
    BarrenSteps Int64 COMMENT 'Most steps between the last progress and a finding',
    WastedUsd Float64 COMMENT 'Most that was spent between the last progress and a finding, in US dollars',
    RunCostUsd Float64 COMMENT 'Cost of the whole run, in US dollars'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_failure_patterns (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    Kind LowCardinality(String) COMMENT 'model or tool',
    Name LowCardinality(String) COMMENT 'Model or tool',
    Outcome LowCardinality(String) COMMENT 'error, or hidden-error: the result says it failed, the span does not',
    ErrorType LowCardinality(String) COMMENT 'Type of the error, empty when none',
    Times UInt64 COMMENT 'Steps that failed this way',
    Runs UInt64 COMMENT 'Runs they belong to',
    FirstAt DateTime64(9, 'UTC') COMMENT 'Start of the first of them',
    LastAt DateTime64(9, 'UTC') COMMENT 'Start of the last of them',
    LastMessage String COMMENT 'Message of the last of them',
    LastRunId String COMMENT 'Run of the last of them'
) AS
SELECT
    TenantId, Kind, Name, Outcome, ifNull(ErrorType, '') AS ErrorType,
    count() AS Times, uniqExact(RunId) AS Runs, min(StartedAt) AS FirstAt, max(StartedAt) AS LastAt,
    argMax(ifNull(ErrorMessage, ''), StartedAt) AS LastMessage, argMax(RunId, StartedAt) AS LastRunId
FROM plumbline.steps FINAL
WHERE Outcome IN ('error', 'hidden-error') AND NOT Retracted
GROUP BY TenantId, Kind, Name, Outcome, ErrorType
COMMENT 'Which failures come again, over how many runs';

CREATE VIEW IF NOT EXISTS plumbline.v_intervention_rate (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    Day Date COMMENT 'UTC day on which the runs started',
    AgentName LowCardinality(String) COMMENT 'Agent',
    Profile LowCardinality(String) COMMENT 'Profile in force',
    Runs UInt64 COMMENT 'Runs that started',
    RunsWithFinding UInt64 COMMENT 'Those with a finding',
    RunsIntervened UInt64 COMMENT 'Those in which the policy enforced a nudge, pause or kill',
    RunsPaused UInt64 COMMENT 'Those it paused',
    RunsKilled UInt64 COMMENT 'Those it killed',
    InterventionRate Float64 COMMENT 'RunsIntervened / Runs'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_detector_precision (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    Kind LowCardinality(String) COMMENT 'Detector',
    DetectorVersion LowCardinality(String) COMMENT 'Its version',
    Findings UInt64 COMMENT 'Findings it raised',
    Right UInt64 COMMENT 'Findings that people called right, by their last word',
    FalseAlarms UInt64 COMMENT 'Findings that people called false alarms, by their last word',
    Precision Nullable(Float64) COMMENT 'Right / (right + false alarms); null where nobody said anything'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_hidden_failures (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run',
    StepId String COMMENT 'Step',
    Sequence UInt64 COMMENT 'Position in the run',
    Tool LowCardinality(String) COMMENT 'Tool or model that was called',
    StartedAt DateTime64(9, 'UTC') COMMENT 'When the call began',
    Arguments String COMMENT 'Arguments of the call',
    Result Nullable(String) COMMENT 'What it returned',
    Evidence Nullable(String) COMMENT 'Field or signal that says it failed',
    TraceId String COMMENT 'Trace id',
    SpanId String COMMENT 'Span id',
    FindingIds Array(String) COMMENT 'Findings of hidden-failure that name the step'
) AS
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

CREATE VIEW IF NOT EXISTS plumbline.v_time_to_stop (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run',
    Desired LowCardinality(String) COMMENT 'paused or killed',
    Reason Nullable(String) COMMENT 'Stop reason',
    IssuedBy LowCardinality(String) COMMENT 'Who issued the command',
    FindingId String COMMENT 'Finding behind it, empty when none',
    Kind String COMMENT 'Detector of that finding, empty when none',
    DecidingStepAt Nullable(DateTime64(9, 'UTC')) COMMENT 'Event time of the deciding step, by the clock of the emitter; null without a finding',
    CommandAt DateTime64(9, 'UTC') COMMENT 'When the command was issued, by the clock of the analyzer or of who issued it',
    HeldAt DateTime64(9, 'UTC') COMMENT 'When the agent first reported that it held, by the clock of the agent',
    CommandToHeldMs Float64 COMMENT 'Milliseconds from the command to the hold',
    StepToHeldMs Nullable(Float64) COMMENT 'Milliseconds from the deciding step to the hold; null without a finding'
) AS
SELECT
    d.TenantId AS TenantId, d.RunId AS RunId, d.Desired AS Desired, any(d.Reason) AS Reason, d.IssuedBy AS IssuedBy,
    ifNull(any(d.FindingId), '') AS FindingId, any(f.Kind) AS Kind, nullIf(any(f.FirstAt), toDateTime64(0, 9, 'UTC')) AS DecidingStepAt, d.IssuedAt AS CommandAt,
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
