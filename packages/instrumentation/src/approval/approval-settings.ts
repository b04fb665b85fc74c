import type { ApprovalRequest } from "@plumbline/contracts";
import { z } from "zod";
import { risks } from "../tool/action-policy.ts";

/** What a decider in this process answers; undefined leaves the decision to others. */
export interface DeciderAnswer {
  decision: "approved" | "denied";
  /** Who decided, for the record; default `callback`. */
  by?: string;
  message?: string;
  /** Arguments that replace the asked ones; checked against the tool's schema. */
  editedArguments?: unknown;
}

/** Decides in this process, beside the people at the server; whoever answers first counts. */
export type Decider = (
  request: ApprovalRequest,
  details: {
    /** The arguments as the tool would get them, not redacted. */
    input: unknown;
    /** Aborts when the question is settled. */
    signal: AbortSignal;
  },
) => Promise<DeciderAnswer | undefined> | DeciderAnswer | undefined;

/** Which actions a person is asked about, and what holds when nobody answers. */
export const approvalSettingsSchema = z.strictObject({
  /** Actions of this risk and above. `none`: only tools that ask by themselves, and what was in flight. */
  from: z.enum([...risks, "none"]).default("none"),
  /** How long an answer counts. */
  timeoutMs: z.number().int().positive().default(900_000),
  /** Irreversible actions are denied in any case. */
  onTimeout: z.enum(["deny", "approve-reversible"]).default("deny"),
  /** `tell`: the model gets to read why not and goes on. `stop`: the run ends, resumable. */
  onDenied: z.enum(["tell", "stop"]).default("tell"),
  decide: z.custom<Decider>((value) => typeof value === "function", "A decider is a function.").optional(),
});
export type ApprovalSettings = z.infer<typeof approvalSettingsSchema>;
