import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

/** What a model answers that was asked about a finding. */
export const judgeAnswerSchema = z.strictObject({
  verdict: z.enum(["stuck", "working", "unsure"]),
  /** Numbers of the steps that the verdict rests on. */
  citedSteps: z.array(z.number().int().nonnegative()).max(12),
  reason: z.string().max(2000),
});
export type JudgeAnswer = z.infer<typeof judgeAnswerSchema>;

/** The same as JSON schema, for models that answer in a given form. */
export const judgeAnswerJsonSchema: Record<string, unknown> = z.toJSONSchema(judgeAnswerSchema);

/** What a model made of a finding; appended by whoever asked, so that a replay finds the same answer and asks nobody. */
export const judgementRecordSchema = z.object({
  version: z.literal(1),
  kind: z.literal("judgement"),
  tenantId: tenantIdSchema,
  runId: idSchema,
  findingId: idSchema,
  verdict: z.enum(["stuck", "working"]),
  /** Steps of the finding's evidence that the model named. */
  citedStepIds: z.array(idSchema).min(1).max(12),
  reason: z.string().max(2000),
  model: z.string(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  atMs: timeMsSchema,
});
export type JudgementRecord = z.infer<typeof judgementRecordSchema>;
