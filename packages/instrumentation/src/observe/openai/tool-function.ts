import { resultOfText, superviseToolCall } from "../../adapters/shared/tool-call.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { toolPolicies } from "../../tool/declared-tool.ts";

type ToolFunction = (this: unknown, ...values: unknown[]) => unknown;

const policies = toolPolicies({});

/** A tool function of the client's own tool runner, sent through the stages; its result and its errors stay its own. */
export function superviseToolFunction(
  runtime: Runtime,
  run: RunRecord,
  { name: toolName, fn }: { name: string; fn: ToolFunction },
): ToolFunction {
  return function supervised(this: unknown, ...values: unknown[]): Promise<unknown> {
    const [input, ...rest] = values;
    const call = { toolName, callId: null, input, isChecked: true };
    const make = async (given: unknown): Promise<unknown> => fn.call(this, given, ...rest);
    return superviseToolCall(
      runtime,
      { run, policy: policies(toolName), call },
      { make, answer: resultOfText },
    );
  };
}
