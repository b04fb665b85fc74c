import { messageOf, RetryableError } from "@plumbline/contracts";
import { withRun } from "../../run/run-context.ts";
import { asError } from "../as-error.ts";
import { callContext } from "../call-context.ts";
import { withToolCall } from "../current-tool-call.ts";
import { failed, resultText } from "../tool-result.ts";
import type { RegisteredTool } from "../tool.ts";
import type { ToolCallUnderWay, ToolOutcome } from "../tool-stage.ts";

async function resultOf(call: ToolCallUnderWay, tool: RegisteredTool): Promise<unknown> {
  const details = callContext(call);
  return withToolCall(details, () => tool.execute(call.input, details));
}

/** The tool's own promise, the run's stop or the end of its time, whichever comes first: a tool may ignore its signal. */
function withinTime(call: ToolCallUnderWay, tool: RegisteredTool): Promise<unknown> {
  const { cancellation } = call;
  const timeoutMs = tool.timeoutMs ?? call.runtime.settings.toolTimeoutMs;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      call.learned.timedOut = true;
      const why = `${tool.name} took longer than ${String(timeoutMs)} ms.`;
      cancellation.abort(new RetryableError(why, { code: "TOOL_TIMEOUT" }));
    };
    const timer = timeoutMs === Infinity ? undefined : setTimeout(giveUp, timeoutMs);
    const stopListening = cancellation.onAbort((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      stopListening();
      finish();
    };
    resultOf(call, tool).then(
      (result) => settle(() => resolve(result)),
      (thrown: unknown) => settle(() => reject(asError(thrown))),
    );
  });
}

/** Runs the tool itself, within its time. */
export async function perform(call: ToolCallUnderWay): Promise<ToolOutcome> {
  const { tool, run } = call;
  if (tool === undefined) return failed(new Error(`There is no tool "${call.toolName}".`));
  call.learned.performedAtMs = call.runtime.clock.nowMs();
  call.learned.argumentsText = call.argumentsText;
  try {
    const result = await withRun(run, () => withinTime(call, tool));
    const longest = tool.resilience.maxResultCharacters ?? call.runtime.settings.maxToolResultCharacters;
    return { text: resultText(result, longest), error: undefined };
  } catch (thrown) {
    if (tool.isLeft?.(thrown) === true)
      return { text: `Waits for an answer: ${messageOf(thrown)}`, error: undefined, left: true };
    return failed(thrown, tool.resilience.classify(thrown));
  }
}
