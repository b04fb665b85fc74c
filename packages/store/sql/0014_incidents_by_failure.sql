ALTER TABLE plumbline.findings ADD COLUMN IF NOT EXISTS Failure String DEFAULT '' COMMENT 'What its calls fail with, masked and hashed: equal in all runs that one broken thing holds up; empty when none failed' CODEC(ZSTD(1)) AFTER RuledOut;

ALTER TABLE plumbline.findings ADD COLUMN IF NOT EXISTS Also Array(LowCardinality(String)) COMMENT 'Other detectors that saw the same pattern' CODEC(ZSTD(1)) AFTER Failure;

CREATE OR REPLACE VIEW plumbline.v_incidents (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    IncidentId String COMMENT 'Made of the finding that began it, so that it stays the same while the incident grows',
    Kind LowCardinality(String) COMMENT 'Detector that found it in every run',
    Tool String COMMENT 'Tool or model that the findings are about',
    Failure String COMMENT 'What its calls fail with, masked and hashed; empty when none failed',
    RunIds Array(String) COMMENT 'Runs that it was found in, at least two',
    Runs UInt64 COMMENT 'How many they are',
    Findings UInt64 COMMENT 'Findings in them',
    FirstAt DateTime64(9, 'UTC') COMMENT 'Event time of the first finding',
    LastAt DateTime64(9, 'UTC') COMMENT 'Event time of the last finding',
    WastedUsd Float64 COMMENT 'Cost of those runs since their last progress, in US dollars',
    LastSummary String COMMENT 'What the last finding says'
) AS
SELECT
    TenantId, concat('i-', substring(lower(hex(sipHash128(TenantId, argMin(s.FindingId, (s.FirstAt, s.FindingId))))), 1, 12)) AS IncidentId,
    Kind, Tool, Failure, arraySort(groupUniqArray(RunId)) AS RunIds, length(RunIds) AS Runs, count() AS Findings,
    min(s.FirstAt) AS FirstAt, max(s.FirstAt) AS LastAt, sum(s.CostSinceProgressMicroUsd) / 1e6 AS WastedUsd, argMax(s.Summary, s.FirstAt) AS LastSummary
FROM (
    SELECT
        *, sum(Begins) OVER (PARTITION BY TenantId, Kind, Tool, Failure ORDER BY FirstAt, FindingId ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS Episode
    FROM (
        SELECT
            *, toUInt64(FirstAt > lagInFrame(FirstAt, 1, FirstAt) OVER (PARTITION BY TenantId, Kind, Tool, Failure ORDER BY FirstAt, FindingId ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + INTERVAL 10 MINUTE) AS Begins
        FROM (
            SELECT TenantId, FindingId, RunId, Kind, Failure, FirstAt, CostSinceProgressMicroUsd, Summary, JSONExtractString(Evidence, 1, 'name') AS Tool
            FROM plumbline.findings FINAL
        )
        WHERE Tool != ''
    )
) AS s
GROUP BY TenantId, Kind, Tool, Failure, Episode
HAVING Runs > 1
COMMENT 'One broken dependency, one page: findings of one kind, on one tool, with one failure, in several runs, none more than ten minutes after the one before';
