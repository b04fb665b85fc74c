CREATE VIEW IF NOT EXISTS plumbline.v_incidents (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    IncidentId String COMMENT 'Same kind, tool and quarter of an hour, same id',
    Kind LowCardinality(String) COMMENT 'Detector that found it in every run',
    Tool String COMMENT 'Tool or model that the findings are about',
    RunIds Array(String) COMMENT 'Runs that it was found in, at least two',
    Runs UInt64 COMMENT 'How many they are',
    Findings UInt64 COMMENT 'Findings in them',
    FirstAt DateTime64(9, 'UTC') COMMENT 'Event time of the first finding',
    LastAt DateTime64(9, 'UTC') COMMENT 'Event time of the last finding',
    WastedUsd Float64 COMMENT 'Cost of those runs since their last progress, in US dollars',
    LastSummary String COMMENT 'What the last finding says'
) AS
SELECT
    TenantId, concat('i-', substring(lower(hex(sipHash128(TenantId, Kind, Tool, toString(Quarter)))), 1, 12)) AS IncidentId, Kind, Tool,
    arraySort(groupUniqArray(RunId)) AS RunIds, length(RunIds) AS Runs, count() AS Findings,
    min(f.FirstAt) AS FirstAt, max(f.FirstAt) AS LastAt, sum(f.CostSinceProgressMicroUsd) / 1e6 AS WastedUsd, argMax(f.Summary, f.FirstAt) AS LastSummary
FROM (
    SELECT
        TenantId, Kind, RunId, FirstAt, CostSinceProgressMicroUsd, Summary,
        JSONExtractString(Evidence, 1, 'name') AS Tool, toStartOfInterval(toDateTime(FirstAt, 'UTC'), INTERVAL 15 MINUTE) AS Quarter
    FROM plumbline.findings FINAL
) AS f
WHERE Tool != ''
GROUP BY TenantId, Kind, Tool, Quarter
HAVING Runs > 1
COMMENT 'One broken dependency, one page: findings of one kind on one tool in several runs within a quarter of an hour';
