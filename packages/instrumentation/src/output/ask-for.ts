import { z } from "zod";
import { OutputInvalidError } from "../errors.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import { parseOutput } from "./parse-output.ts";

/** A message as every chat API takes it. */
export interface PlainMessage {
  role: "user" | "assistant";
  content: string;
}

export interface AnswerOptions<Schema extends z.ZodType, Message> {
  /** What the answer has to fit. */
  schema: Schema;
  messages: readonly Message[];
  /** Asks the model; the text of its answer. */
  ask: (messages: (Message | PlainMessage)[]) => Promise<string | null | undefined>;
  /** How often the model is asked again after an answer that does not fit. Default: 2. */
  maxReasks?: number;
}

/** An answer that fits. */
export interface Answer<Value, Message> {
  value: Value;
  /** The answer as it came. */
  raw: string;
  repaired: boolean;
  /** How often the model was asked again. */
  reasks: number;
  /** The conversation, answers and complaints included. */
  messages: (Message | PlainMessage)[];
}

const defaultReasks = 2;
const longestSchemaCharacters = 4000;

function complaint(schema: z.ZodType, problem: string): string {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const shown = JSON.stringify(json).slice(0, longestSchemaCharacters);
  return `Your answer does not fit:\n${problem}\nAnswer again, with nothing but JSON that fits this schema: ${shown}`;
}

/**
 * Asks a model until its answer fits a schema, quoting what is wrong.
 * @throws OutputInvalidError when it does not fit after the last time either
 */
export async function askFor<Schema extends z.ZodType, Message>(
  runtime: Runtime,
  run: RunRecord,
  options: AnswerOptions<Schema, Message>,
): Promise<Answer<z.output<Schema>, Message>> {
  const { schema, ask, maxReasks = defaultReasks } = options;
  const messages: (Message | PlainMessage)[] = [...options.messages];
  for (let reasks = 0; ; reasks += 1) {
    const raw = (await ask([...messages])) ?? "";
    const result = await parseOutput(schema, raw);
    messages.push({ role: "assistant", content: raw });
    if (result.ok) return { value: result.value, raw, repaired: result.repaired, reasks, messages };
    const isLast = reasks >= maxReasks;
    runtime.findings.notice(run, {
      kind: "invalid-call",
      guard: "output",
      signature: "output",
      summary: `The model's answer did not fit its schema: ${result.problem}`,
      intervention: isLast ? "kill" : "nudge",
    });
    if (isLast) throw new OutputInvalidError(run.runId, { problem: result.problem, raw, reasks });
    messages.push({ role: "user", content: complaint(schema, result.problem) });
  }
}
