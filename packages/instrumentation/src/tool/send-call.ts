import { asError } from "./as-error.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import { Cancellation } from "./cancellation.ts";
import { canonicalArguments } from "./canonical-arguments.ts";
import type { NormalToolCall } from "./tool-call.ts";
import type { ToolCallUnderWay, ToolOutcome } from "./tool-stage.ts";
import { runToolStages } from "./tool-stages.ts";
import type { RegisteredTool } from "./tool.ts";

/** A call on its way to the stages. */
export interface SentCall {
  call: NormalToolCall;
  /** Key of a call that an earlier process of the run began; undefined for a new one. */
  callKey?: string | undefined;
  tool: RegisteredTool | undefined;
  /** All tools of the run, for messages to the model. */
  tools: ReadonlyMap<string, RegisteredTool>;
  /** Arguments that came as a value, with what `call.argumentsText` shows of them. */
  input?: unknown;
  /** Who gives the call up beside the run. */
  signal?: AbortSignal | undefined;
}

function newCallKey(runtime: Runtime, run: RunRecord, { name, argumentsText }: NormalToolCall): string {
  return runtime.journals.of(run).beginCall(`${name}\n${canonicalArguments(argumentsText)}`);
}

/** Hands on that a framework gives its call up; the returned function stops that. */
function follow(signal: AbortSignal | undefined, cancellation: Cancellation): () => void {
  const onAbort = (): void => cancellation.abort(asError(signal?.reason));
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return () => signal?.removeEventListener("abort", onAbort);
}

function underWay(
  runtime: Runtime,
  run: RunRecord,
  { call, tool, tools, input, signal, ...sent }: SentCall & { callKey: string; cancellation: Cancellation },
): ToolCallUnderWay {
  const { name: toolName, callId, argumentsText } = call;
  const { callKey, cancellation } = sent;
  return {
    runtime,
    run,
    toolName,
    callId,
    argumentsText,
    tool,
    tools,
    callKey,
    idempotencyKey: callKey,
    cancellation,
    givenUpBy: signal,
    stepId: "",
    input,
    learned: {
      stepId: "",
      authorisedBy: null,
      performedAtMs: null,
      attempts: 0,
      timedOut: false,
      ungroundedIds: [],
      argumentsText,
    },
  };
}

/**
 * Sends one call of a run through the stages: the only way to a tool.
 * @throws RunStoppedError when the run was stopped before or meanwhile
 */
export async function sendCall(runtime: Runtime, run: RunRecord, sent: SentCall): Promise<ToolOutcome> {
  const callKey = sent.callKey ?? newCallKey(runtime, run, sent.call);
  const cancellation = new Cancellation();
  const unfollow = follow(sent.signal, cancellation);
  try {
    return await runToolStages(underWay(runtime, run, { ...sent, callKey, cancellation }));
  } finally {
    unfollow();
    runtime.journals.of(run).endCall(callKey);
  }
}
