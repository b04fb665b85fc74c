import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isTerminal, type Clock, type RunDetail } from "@plumbline/contracts";
import { createOperatorClient, type OperatorClient } from "../api/operator-client.ts";
import type { CommandContext } from "../command-context.ts";
import { startDemoModel } from "./demo-model.ts";
import { agentProcessVariable, runIdOf } from "./demo-protocol.ts";
import { createLiveTable } from "./live-table.ts";
import { playOperator } from "./operator.ts";
import { createRunBoard, type RunBoard } from "./run-board.ts";
import { startOrderService } from "./order-service.ts";
import {
  formatAgents,
  formatEvidence,
  formatQuery,
  formatTimesToStop,
  formatVerdicts,
  type AgentOutcome,
  type AgentView,
} from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { createScenarios } from "./scenarios.ts";
import { createVariation } from "./variation.ts";
import { judge } from "./verdict.ts";

const refreshMs = 250;
const longestDemoMs = 90_000;
/** What was reported last may still be on its way to the tables. */
const settleMs = 1_500;

const queries = [
  "SELECT RunId, Status, StopReason, Steps, round(CostUsd, 4) AS CostUsd FROM v_run_summary ORDER BY StartedAt DESC LIMIT 8",
  "SELECT Tool, Calls, Errors, HiddenErrors, round(P95Ms, 1) AS P95Ms FROM v_tool_reliability ORDER BY Calls DESC LIMIT 8",
  "SELECT RunId, Kinds, BarrenSteps, round(WastedUsd, 4) AS WastedUsd FROM v_loop_cost ORDER BY WastedUsd DESC LIMIT 8",
] as const;

/** Where the demo's agents send their telemetry and where it looks. */
export interface DemoStack {
  otlpUrl: string;
  /** Where they get their directives; at `otlpUrl` when absent. */
  controlUrl?: string;
  apiUrl: string;
  dataDirectory: string;
}

export interface DemoOptions {
  seed: number;
  stack: DemoStack;
  environment: CommandContext["environment"];
}

function startAgents(
  options: DemoOptions,
  place: { serviceUrl: string; modelUrl: string; runPrefix: string },
): ChildProcess {
  const { seed, stack } = options;
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const entry = fileURLToPath(new URL(`./agent-process/main.${extension}`, import.meta.url));
  return fork(entry, [], {
    env: {
      ...options.environment,
      [agentProcessVariable.seed]: String(seed),
      [agentProcessVariable.serviceUrl]: place.serviceUrl,
      [agentProcessVariable.modelUrl]: place.modelUrl,
      [agentProcessVariable.runPrefix]: place.runPrefix,
      PLUMBLINE_ENDPOINT: stack.otlpUrl,
      PLUMBLINE_CONTROL_ENDPOINT: stack.controlUrl ?? stack.otlpUrl,
      // Behind a stock Collector: who the telemetry belongs to.
      OTEL_EXPORTER_OTLP_HEADERS: "plumbline-principal=demo",
      PLUMBLINE_DATA_DIR: stack.dataDirectory,
      OTEL_SERVICE_NAME: "plumbline-demo",
    },
  });
}

function viewsOf(scenarios: readonly Scenario[], board: RunBoard, runPrefix: string): AgentView[] {
  return scenarios.map((scenario) => ({ scenario, run: board.get(runIdOf(runPrefix, scenario.name)) }));
}

const isOver = ({ run }: AgentView): boolean => run !== undefined && isTerminal(run.status);

interface Watching {
  board: RunBoard;
  scenarios: readonly Scenario[];
  runPrefix: string;
  clock: Clock;
  signal: AbortSignal;
  show: (views: readonly AgentView[]) => void;
}

/** Shows the agents until all have ended and their last records are in the tables. */
async function watchUntilOver({ board, scenarios, runPrefix, clock, signal, show }: Watching): Promise<void> {
  const giveUpAtMs = clock.nowMs() + longestDemoMs;
  for (;;) {
    await board.refresh();
    const views = viewsOf(scenarios, board, runPrefix);
    show(views);
    if (views.every(isOver) || clock.nowMs() > giveUpAtMs) break;
    await clock.sleep(refreshMs, signal);
  }
  await clock.sleep(settleMs, signal);
}

function readOutcomes(
  client: OperatorClient,
  scenarios: readonly Scenario[],
  runPrefix: string,
): Promise<AgentOutcome[]> {
  const read = async (scenario: Scenario): Promise<AgentOutcome> => {
    const detail = await client
      .run(runIdOf(runPrefix, scenario.name))
      .catch((): RunDetail | undefined => undefined);
    return { scenario, detail };
  };
  return Promise.all(scenarios.map(read));
}

/**
 * Runs the demo's agents against a running stack.
 * @returns whether every agent ended as expected
 */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<boolean> {
  const { clock, signal } = context;
  const scenarios = createScenarios(createVariation(options.seed));
  const runPrefix = `demo-${clock.nowMs().toString(36)}`;
  const service = await startOrderService();
  const model = await startDemoModel(scenarios);
  const client = createOperatorClient({
    url: options.stack.apiUrl,
    token: context.environment["PLUMBLINE_TOKEN"],
  });
  const agents = startAgents(options, { serviceUrl: service.url, modelUrl: model.baseUrl, runPrefix });
  const over = new AbortController();
  const board = createRunBoard(client, clock);
  const operator = { client, board, clock, signal: AbortSignal.any([signal, over.signal]) };
  const operating = scenarios.map((scenario) =>
    playOperator(operator, scenario, runIdOf(runPrefix, scenario.name)).catch(() => undefined),
  );
  try {
    const table = createLiveTable(process.stdout);
    const show = (views: readonly AgentView[]): void => table.show(formatAgents(views));
    await watchUntilOver({ board, scenarios, runPrefix, clock, signal, show });
    const outcomes = await readOutcomes(client, scenarios, runPrefix);
    context.print(`\n${formatEvidence(outcomes)}\n\n${formatTimesToStop(outcomes)}`);
    for (const query of queries) context.print(`\n${formatQuery(query, await client.sql(query))}`);
    const verdicts = outcomes.map(({ scenario, detail }) => judge(scenario, detail, service.counts()));
    context.print(`\n${formatVerdicts(verdicts)}`);
    return verdicts.every(({ passed }) => passed);
  } finally {
    over.abort();
    await Promise.all(operating);
    agents.kill();
    await Promise.all([model.close(), service.close()]);
  }
}
