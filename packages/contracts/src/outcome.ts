import { z } from "zod";

/** How a step ended. `hidden-error`: the result says it failed while the span says it succeeded. */
export const outcomeClasses = ["ok", "error", "hidden-error", "empty", "unknown"] as const;
export const outcomeClassSchema = z.enum(outcomeClasses);
export type OutcomeClass = z.infer<typeof outcomeClassSchema>;

export const outcomeSchema = z.object({
  class: outcomeClassSchema,
  /** The field or signal that decided, such as `result.success=false` or `span status`. */
  evidence: z.string().nullable(),
  errorType: z.string().nullable(),
  message: z.string().nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** Error type of a call that a circuit breaker of ours answered in place of the tool. */
export const breakerErrorType = "BreakerOpenError";

/** What an emitter itself said about an error; null when it said nothing. */
export const reportedErrorSchema = z.object({ type: z.string().nullable(), message: z.string().nullable() });
export type ReportedError = z.infer<typeof reportedErrorSchema>;
