import { context } from "@opentelemetry/api";
import type { RunStoppedError } from "../../errors.ts";
import type { OpenCall, RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { resultText } from "../../tool/tool-result.ts";

type ToolFunction = (this: unknown, ...values: unknown[]) => unknown;

/** A tool function of the client's own tool runner, gated and observed; its result and its errors stay its own. */
export function observeToolFunction(
  runtime: Runtime,
  run: RunRecord,
  tool: { name: string; fn: ToolFunction },
): ToolFunction {
  return async function observed(this: unknown, ...values: unknown[]): Promise<unknown> {
    await runtime.gate.pass(run, { kind: "tool", toolName: tool.name });
    let stop: (error: RunStoppedError) => void = () => undefined;
    const stopped = new Promise<never>((_, reject) => {
      stop = reject;
    });
    const open: OpenCall = { abort: (error) => stop(error) };
    run.openCalls.add(open);
    runtime.count(run, { steps: 1, toolCalls: 1 });
    const [input] = values;
    const step = runtime.steps.startTool(run, {
      toolName: tool.name,
      description: undefined,
      callId: null,
      arguments: typeof input === "string" ? input : resultText(input),
      traits: {},
    });
    try {
      const work = Promise.resolve(context.with(step.span.context, () => tool.fn.apply(this, values)));
      const result = await Promise.race([work, stopped]);
      step.end({ result: resultText(result) }, undefined);
      return result;
    } catch (thrown) {
      step.end({ result: null }, thrown);
      throw thrown;
    } finally {
      run.openCalls.delete(open);
      runtime.gate.settle(run);
    }
  };
}
