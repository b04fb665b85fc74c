ALTER TABLE plumbline.approvals ADD COLUMN IF NOT EXISTS WasInFlight Bool DEFAULT false COMMENT 'Whether the action was under way when an earlier process of the run ended' AFTER DefaultDecision;

ALTER TABLE plumbline.approvals ADD COLUMN IF NOT EXISTS Context String DEFAULT '{"goal":"","steps":0,"usd":0,"actions":[]}' COMMENT 'Where the run stood, as JSON: goal, steps, cost in US dollars, external actions so far' CODEC(ZSTD(3)) AFTER WasInFlight;

ALTER TABLE plumbline.checkpoints ADD COLUMN IF NOT EXISTS Reasoning String DEFAULT '' COMMENT 'Last text of the model before the action, redacted' CODEC(ZSTD(3)) AFTER IdempotencyKey;

CREATE VIEW IF NOT EXISTS plumbline.v_approvals (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that asked',
    ApprovalId String COMMENT 'Id that the decision names',
    ToolName LowCardinality(String) COMMENT 'Tool that would be called',
    Arguments String COMMENT 'Arguments as JSON text, redacted',
    Risk LowCardinality(String) COMMENT 'safe, low, medium or high',
    Reversible Bool COMMENT 'Whether it can be undone',
    Status String COMMENT 'pending, approved, denied or expired; expired as well once the run was killed or is complete',
    DecidedBy String COMMENT 'Who answered; empty when nobody did',
    DecidedAt Nullable(DateTime64(9, 'UTC')) COMMENT 'When, by the clock of who took the answer; null when nobody answered',
    Message String COMMENT 'What they said',
    EditedArguments Nullable(String) COMMENT 'Arguments that replace the asked ones, as JSON text; null when none',
    Acknowledged Bool COMMENT 'Whether the agent said that it acted on the answer',
    RequestedAt DateTime64(9, 'UTC') COMMENT 'When it was asked',
    ExpiresAt DateTime64(9, 'UTC') COMMENT 'Until when an answer counts',
    WaitedMs Nullable(Float64) COMMENT 'Milliseconds from the question to the answer; null when nobody answered'
) AS
SELECT
    a.TenantId AS TenantId, a.RunId AS RunId, a.ApprovalId AS ApprovalId, a.ToolName AS ToolName, a.Arguments AS Arguments,
    a.Risk AS Risk, a.Reversible AS Reversible,
    multiIf(
        k.FirstPhase = 'expired', 'expired',
        k.FirstPhase = 'applied', if(startsWith(k.FirstDetail, 'denied'), 'denied', 'approved'),
        c.LastVerb = 'approve', 'approved',
        c.LastVerb = 'deny', 'denied',
        a.ExpiresAt < now64(9, 'UTC') OR r.RunId != '', 'expired',
        'pending'
    ) AS Status,
    multiIf(c.LastBy != '' AND k.FirstPhase != 'expired', c.LastBy, k.FirstPhase = 'applied', extract(k.FirstDetail, ' by (.*)$'), '') AS DecidedBy,
    multiIf(DecidedBy = '', NULL, c.LastBy != '', toNullable(c.LastAt), toNullable(k.FirstAt)) AS DecidedAt,
    c.LastMessage AS Message, nullIf(c.LastEdit, '') AS EditedArguments, k.FirstPhase IN ('applied', 'expired') AS Acknowledged,
    a.RequestedAt AS RequestedAt, a.ExpiresAt AS ExpiresAt,
    (toUnixTimestamp64Nano(assumeNotNull(DecidedAt)) - toUnixTimestamp64Nano(a.RequestedAt)) / if(isNull(DecidedAt), NULL, 1e6) AS WaitedMs
FROM (SELECT * FROM plumbline.approvals FINAL) AS a
LEFT JOIN (
    SELECT
        TenantId, RunId, JSONExtractString(Details, 'approvalId') AS ApprovalId,
        argMax(Verb, IssuedAt) AS LastVerb, argMax(IssuedBy, IssuedAt) AS LastBy, argMax(Message, IssuedAt) AS LastMessage,
        argMax(JSONExtractString(Details, 'editedArguments'), IssuedAt) AS LastEdit, max(IssuedAt) AS LastAt
    FROM plumbline.commands FINAL
    WHERE Verb IN ('approve', 'deny')
    GROUP BY TenantId, RunId, ApprovalId
) AS c ON c.TenantId = a.TenantId AND c.RunId = a.RunId AND c.ApprovalId = a.ApprovalId
LEFT JOIN (
    SELECT
        TenantId, RunId, SubjectId, argMin(Phase, AckedAt) AS FirstPhase, argMin(Detail, AckedAt) AS FirstDetail, min(AckedAt) AS FirstAt
    FROM plumbline.acks FINAL
    WHERE SubjectKind = 'approval' AND Phase IN ('applied', 'expired')
    GROUP BY TenantId, RunId, SubjectId
) AS k ON k.TenantId = a.TenantId AND k.RunId = a.RunId AND k.SubjectId = a.ApprovalId
LEFT JOIN (SELECT TenantId, RunId FROM plumbline.runs FINAL WHERE Status IN ('killed', 'completed')) AS r
    ON r.TenantId = a.TenantId AND r.RunId = a.RunId
COMMENT 'Approvals with what came of them: who was asked what, who answered, how long it took';
