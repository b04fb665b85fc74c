import type { DistributedStack } from "./distributed-stack.ts";
import { callsPerRun, type Sent } from "./run-load.ts";

/** What the tables have wrong of what was sent; all zero when nothing is lost and nothing doubled. */
export interface LoadAudit {
  lostRecords: number;
  doubledRecords: number;
  /** Runs, all of whose records were acknowledged, without exactly their steps. */
  wrongSteps: number;
  /** The same, by the totals of the run's summary. */
  wrongTotals: number;
  /** Stuck runs without exactly one finding, one pause and one directive that pauses. */
  wrongVerdicts: number;
  /** Findings about runs that did nothing wrong. */
  falseAlarms: number;
}

export const nothingWrong: LoadAudit = {
  lostRecords: 0,
  doubledRecords: 0,
  wrongSteps: 0,
  wrongTotals: 0,
  wrongVerdicts: 0,
  falseAlarms: 0,
};

type Counts = Map<string, number>;

async function countsOf(stack: DistributedStack, sql: string): Promise<Counts> {
  const rows = await stack.readStore<{ Id: string; Times: string }>(sql);
  return new Map(rows.map(({ Id, Times }) => [Id, Number(Times)]));
}

const amount = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
  items.filter(holds).length;

/** Compares the tables with what was sent under a prefix of run ids. */
export async function auditLoad(stack: DistributedStack, prefix: string, sent: Sent): Promise<LoadAudit> {
  const of = `RunId LIKE '${prefix}-%'`;
  const per = (table: string, columns: string, where: string): Promise<Counts> =>
    countsOf(
      stack,
      `SELECT RunId AS Id, ${columns} AS Times FROM plumbline.${table} WHERE ${of} AND ${where} GROUP BY Id`,
    );
  const stored = await countsOf(
    stack,
    `SELECT concat(TraceId, '/', SpanId, '/', EventName) AS Id, count() AS Times FROM plumbline.otel_logs WHERE ${of} GROUP BY Id`,
  );
  const steps = await per("steps FINAL", "count()", "NOT Retracted");
  const totals = await per("runs FINAL", "sum(ToolCalls)", "1");
  const findings = await per("findings FINAL", "count()", "Kind = 'exact-loop'");
  const pauses = await per("commands FINAL", "count()", "Verb = 'pause'");
  const directives = await per("directives FINAL", "count()", "Desired = 'paused'");

  const whole = sent.runs.filter((run) => run.whole);
  const stuck = whole.filter((run) => run.stuck);
  return {
    lostRecords: amount(sent.acknowledged, (id) => !stored.has(id)),
    doubledRecords: amount([...stored.values()], (times) => times > 1),
    wrongSteps: amount(whole, ({ runId }) => steps.get(runId) !== callsPerRun),
    wrongTotals: amount(whole, ({ runId }) => totals.get(runId) !== callsPerRun),
    wrongVerdicts: amount(stuck, ({ runId }) =>
      [findings, pauses, directives].some((counts) => counts.get(runId) !== 1),
    ),
    falseAlarms: amount(sent.runs, (run) => !run.stuck && findings.has(run.runId)),
  };
}
