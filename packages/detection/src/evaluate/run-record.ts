import { RejectedError } from "@plumbline/contracts";
import { z } from "zod";

const clipSchema = z.object({ len: z.number(), sha: z.string() });

const stepSchema = z.object({
  i: z.number().int().nonnegative(),
  role: z.enum(["user", "llm", "tool", "agent"]),
  agent: z.string().nullable(),
  name: z.string().nullable(),
  args: z.unknown(),
  text: z.string().nullable(),
  /** The source's own flag; null where the source has none. */
  error: z.boolean().nullable(),
  /** Milliseconds since the run began. */
  at: z.number().nonnegative().optional(),
  /** The text was shortened; equal originals have equal `sha`. */
  clip: clipSchema.optional(),
  args_clip: clipSchema.optional(),
});
export type RunRecordStep = z.infer<typeof stepSchema>;

export const runRecordSchema = z.object({
  source: z.string(),
  run_id: z.string().min(1),
  group: z.string(),
  model: z.string().nullable().default(null),
  task: z.string().nullable(),
  outcome: z.enum(["success", "failure"]).nullable(),
  labels: z.array(z.object({ kind: z.string(), step: z.number().nullable(), note: z.string().default("") })),
  steps: z.array(stepSchema),
});

/** A recorded run: one line of a run file. */
export type RunRecord = z.infer<typeof runRecordSchema>;

export const loopVerdictSchema = z.object({
  run_id: z.string().min(1),
  source: z.string(),
  verdict: z.enum(["true_loop", "legitimate_repeat", "no_loop"]),
  confidence: z.enum(["clear", "borderline"]),
  first_step: z.number().int().nonnegative().nullable(),
});

/** A hand-read verdict: one line of a label file. */
export type LoopVerdict = z.infer<typeof loopVerdictSchema>;

function parseLine<Value>(line: string, schema: z.ZodType<Value>, what: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new RejectedError(`The line is not JSON.`, {
      code: "LINE_NOT_JSON",
      mend: `Write one ${what} per line.`,
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RejectedError(
    `The ${what} does not fit at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}.`,
    {
      code: "LINE_SCHEMA",
      cause: parsed.error,
    },
  );
}

/**
 * One line of a run file.
 * @throws RejectedError naming the field that does not fit
 */
export const parseRunRecord = (line: string): RunRecord => parseLine(line, runRecordSchema, "run record");

/**
 * One line of a label file.
 * @throws RejectedError naming the field that does not fit
 */
export const parseLoopVerdict = (line: string): LoopVerdict => parseLine(line, loopVerdictSchema, "verdict");
