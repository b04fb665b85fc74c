import {
  startScriptedModel,
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
} from "@plumbline/instrumentation/testing";
import { agentHeader } from "./run-agent.ts";
import { conversationOf } from "./brain.ts";
import type { Scenario } from "./scenario.ts";

/** Slow enough to watch, fast enough not to bore. */
const thinkingMs = 200;

function answerOf(scenarios: ReadonlyMap<string, Scenario>, request: ScriptedRequest): ScriptedAnswer {
  const scenario = scenarios.get(request.headers[agentHeader] ?? "");
  if (scenario === undefined)
    return {
      status: 404,
      message: `No demo agent is called ${request.headers[agentHeader] ?? "(nothing)"}.`,
    };
  const { text, calls } = scenario.brain(conversationOf(request.messages));
  return { text, toolCalls: calls, delayMs: thinkingMs, chunkDelayMs: 5 };
}

/** An OpenAI-compatible server over HTTP whose models are the scripted minds of the demo. */
export function startDemoModel(scenarios: readonly Scenario[]): Promise<ScriptedModel> {
  const byName = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  return startScriptedModel({ answer: (request) => answerOf(byName, request) });
}
