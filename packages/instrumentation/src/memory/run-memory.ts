import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import { type MemoryMessage, WorkingMemory, type WorkingMemoryOptions } from "./working-memory.ts";

/** Working memory of a run: people see when it gets tight, and what was left out. */
export function runMemory<Message extends MemoryMessage>(
  runtime: Runtime,
  run: RunRecord,
  options: WorkingMemoryOptions<Message>,
): WorkingMemory<Message> {
  const { maxTokens } = options;
  return new WorkingMemory(options, ({ isTight, dropped, tokens }) => {
    if (!isTight) return;
    const left = dropped.length === 0 ? "" : ` ${String(dropped.length)} messages were summarised.`;
    runtime.findings.notice(run, {
      kind: "context-growth",
      guard: "memory",
      signature: dropped.length === 0 ? "tight" : "summarised",
      summary: `The prompt takes ${String(tokens)} of ${String(maxTokens)} tokens.${left}`,
      intervention: "observe",
    });
  });
}
