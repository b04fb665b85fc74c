import { z } from "zod";

/** Limits of a run. Absent means unlimited. */
export const limitsSchema = z.object({
  usd: z.number().nonnegative().optional(),
  steps: z.number().int().nonnegative().optional(),
  modelCalls: z.number().int().nonnegative().optional(),
  toolCalls: z.number().int().nonnegative().optional(),
  inputTokens: z.number().int().nonnegative().optional(),
  outputTokens: z.number().int().nonnegative().optional(),
  cachedInputTokens: z.number().int().nonnegative().optional(),
  wallTimeMs: z.number().int().nonnegative().optional(),
});
export type Limits = z.infer<typeof limitsSchema>;
