import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isTerminal, type Clock, type RunDetail } from "@plumbline/contracts";
import { createOperatorClient, type OperatorClient } from "../api/operator-client.ts";
import type { CommandContext } from "../command-context.ts";
import { startDemoModel } from "./demo-model.ts";
import { agentProcessVariable, runIdOf } from "./demo-protocol.ts";
import { createLiveTable } from "./live-table.ts";
import { playOperator } from "./operator.ts";
import { startOrderService } from "./order-service.ts";
import {
  formatAgents,
  formatEvidence,
  formatQuery,
  formatTimesToStop,
  formatVerdicts,
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
  "SELECT ToolName, Calls, Errors, HiddenErrors FROM v_tool_reliability ORDER BY Calls DESC LIMIT 8",
  "SELECT Kind, Runs, Findings FROM v_failure_patterns ORDER BY Findings DESC LIMIT 8",
] as const;

/** Where the demo's agents send their telemetry and where it looks. */
export interface DemoStack {
  otlpUrl: string;
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
      PLUMBLINE_DATA_DIR: stack.dataDirectory,
      OTEL_SERVICE_NAME: "plumbline-demo",
    },
  });
}

async function lookAt(
  client: OperatorClient,
  scenarios: readonly Scenario[],
  runPrefix: string,
): Promise<AgentView[]> {
  const look = async (scenario: Scenario): Promise<AgentView> => {
    const detail = await client
      .run(runIdOf(runPrefix, scenario.name))
      .catch((): RunDetail | undefined => undefined);
    return { scenario, detail };
  };
  return Promise.all(scenarios.map(look));
}

const isOver = ({ detail }: AgentView): boolean => detail !== undefined && isTerminal(detail.run.status);

interface Watching {
  client: OperatorClient;
  scenarios: readonly Scenario[];
  runPrefix: string;
  clock: Clock;
  signal: AbortSignal;
  show(views: readonly AgentView[]): void;
}

/** Shows the agents until all have ended and their last records are in the tables. */
async function watchUntilOver({
  client,
  scenarios,
  runPrefix,
  clock,
  signal,
  show,
}: Watching): Promise<AgentView[]> {
  const giveUpAtMs = clock.nowMs() + longestDemoMs;
  for (;;) {
    const views = await lookAt(client, scenarios, runPrefix);
    show(views);
    if (views.every(isOver) || clock.nowMs() > giveUpAtMs) break;
    await clock.sleep(refreshMs, signal);
  }
  await clock.sleep(settleMs, signal);
  return lookAt(client, scenarios, runPrefix);
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
  const operating = scenarios.map((scenario) =>
    playOperator(
      { client, clock, signal: AbortSignal.any([signal, over.signal]) },
      scenario,
      runIdOf(runPrefix, scenario.name),
    ).catch(() => undefined),
  );
  try {
    const table = createLiveTable(process.stdout);
    const views = await watchUntilOver({
      client,
      scenarios,
      runPrefix,
      clock,
      signal,
      show: (now) => table.show(formatAgents(now)),
    });
    table.finish(formatAgents(views));
    context.print(`\n${formatEvidence(views)}\n\n${formatTimesToStop(views)}`);
    for (const query of queries) context.print(`\n${formatQuery(query, await client.sql(query))}`);
    const verdicts = views.map(({ scenario, detail }) => judge(scenario, detail, service.counts()));
    context.print(`\n${formatVerdicts(verdicts)}`);
    return verdicts.every(({ passed }) => passed);
  } finally {
    over.abort();
    await Promise.all(operating);
    agents.kill();
    await Promise.all([model.close(), service.close()]);
  }
}
