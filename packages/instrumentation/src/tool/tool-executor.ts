import { derivedId } from "@plumbline/contracts";
import canonicalize from "canonicalize";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import type { NormalToolCall } from "./tool-call.ts";
import { runToolStages } from "./tool-stages.ts";
import type { RegisteredTool } from "./tool.ts";

/** Arguments in one spelling, so that two spellings of the same call count as the same. */
function canonicalArguments(text: string): string {
  try {
    return canonicalize(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}

/** Sends the tool calls of one run through the stages. */
export class ToolExecutor {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly tools: ReadonlyMap<string, RegisteredTool>;
  private readonly occurrences = new Map<string, number>();

  constructor(runtime: Runtime, run: RunRecord, tools: ReadonlyMap<string, RegisteredTool>) {
    this.runtime = runtime;
    this.run = run;
    this.tools = tools;
  }

  /**
   * Runs one call and gives its result, or what went wrong, as text for the model.
   * @throws RunStoppedError when the run was stopped before or meanwhile
   */
  async execute(call: NormalToolCall): Promise<string> {
    const { runtime, run, tools } = this;
    const outcome = await runToolStages({
      runtime,
      run,
      toolName: call.name,
      callId: call.callId,
      argumentsText: call.argumentsText,
      tool: tools.get(call.name),
      tools,
      idempotencyKey: this.idempotencyKey(call),
      controller: new AbortController(),
      stepId: "",
      input: undefined,
      learned: { stepId: "", authorisedBy: null, performedAtMs: null, attempts: 0, ungroundedIds: [], argumentsText: call.argumentsText },
    });
    return outcome.text;
  }

  /** From run, tool, arguments and how often this very call was made: a resumed run arrives at the same keys. */
  private idempotencyKey(call: NormalToolCall): string {
    const same = `${call.name}\n${canonicalArguments(call.argumentsText)}`;
    const occurrence = this.occurrences.get(same) ?? 0;
    this.occurrences.set(same, occurrence + 1);
    return derivedId("i", [this.run.runId, same, occurrence]);
  }
}
