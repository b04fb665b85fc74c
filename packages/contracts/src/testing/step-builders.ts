import { noUsage } from "../message.ts";
import { type Step, stepIdOf } from "../step.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const startMs = 1_750_000_000_000;

function base(sequence: number): Omit<Step, "kind" | "name" | "model" | "tool"> {
  const spanId = sequence.toString(16).padStart(16, "0");
  return {
    version: 1,
    tenantId: "",
    runId: "run-1",
    stepId: stepIdOf(traceId, spanId),
    sequence,
    revision: 0,
    retracted: false,
    agentName: "agent",
    service: "test",
    traceId,
    spanId,
    parentSpanId: "",
    synthetic: false,
    state: "ended",
    startMs: startMs + sequence * 1000,
    endMs: startMs + sequence * 1000 + 100,
    outcome: { class: "ok", evidence: null, errorType: null, message: null },
    dialect: "test",
  };
}

/** An ended tool call; override what the test is about. */
export function toolStep(
  sequence: number,
  call: { name: string; arguments?: unknown; result?: unknown },
  overrides: Partial<Step> = {},
): Step {
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const tool = {
    callId: `call-${String(sequence)}`,
    arguments: asText(call.arguments ?? {}),
    result: asText(call.result ?? "ok"),
    traits: {},
  };
  return { ...base(sequence), kind: "tool", name: call.name, model: null, tool, ...overrides };
}

/** An ended model call that said `text`. */
export function modelStep(sequence: number, text: string, overrides: Partial<Step> = {}): Step {
  const model = {
    provider: "openai",
    requestModel: "gpt-5-mini",
    responseModel: "gpt-5-mini",
    usage: { ...noUsage, inputTokens: 100, outputTokens: 20 },
    costMicroUsd: 65,
    finishReasons: ["stop"],
    newInputMessages: [],
    inputMessageCount: 1,
    output: [{ role: "assistant", parts: [{ type: "text", content: text }] }],
  };
  return { ...base(sequence), kind: "model", name: "gpt-5-mini", model, tool: null, ...overrides };
}
