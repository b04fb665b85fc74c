import { env } from "node:process";
import { messageOf } from "@plumbline/contracts";
import { shutdown } from "@plumbline/instrumentation";
import { agentProcessVariable, runIdOf, type AgentEnding } from "../demo-protocol.ts";
import { runAgent } from "../run-agent.ts";
import { createScenarios } from "../scenarios.ts";
import { createVariation } from "../variation.ts";

/** The demo's agents in a process of their own: all they share with Plumbline is telemetry and directives over HTTP. */
async function main(): Promise<void> {
  const { [agentProcessVariable.seed]: seed = "1" } = env;
  const read = (name: string): string => env[name] ?? "";
  const runPrefix = read(agentProcessVariable.runPrefix);
  const place = {
    serviceUrl: read(agentProcessVariable.serviceUrl),
    modelUrl: read(agentProcessVariable.modelUrl),
  };
  const scenarios = createScenarios(createVariation(Number(seed)));
  const report = (ending: AgentEnding): void => void process.send?.(ending);

  await Promise.all(
    scenarios.map(async (scenario) => {
      const runId = runIdOf(runPrefix, scenario.name);
      try {
        const answer = await runAgent(scenario, { ...place, runId });
        report({ agent: scenario.name, runId, error: null, message: answer });
      } catch (error) {
        report({
          agent: scenario.name,
          runId,
          error: error instanceof Error ? error.name : "unknown",
          message: messageOf(error),
        });
      }
    }),
  );
  await shutdown();
  process.disconnect?.();
}

await main();
