import { type ApprovalRequest, derivedId } from "@plumbline/contracts";
import { type ActionPolicy, risks } from "../tool/action-policy.ts";
import { canonicalArguments } from "../tool/canonical-arguments.ts";
import type { ApprovalSettings } from "./approval-settings.ts";

/** Hash that binds a decision to the arguments it was given for. */
export function argumentsHash(argumentsText: string): string {
  return derivedId("args", [canonicalArguments(argumentsText)]);
}

/** Whether a person is asked before an action. */
export function needsApproval(settings: ApprovalSettings, action: ActionPolicy): boolean {
  const { when } = action.approval;
  if (when !== undefined) return when === "ask";
  return settings.from !== "none" && risks.indexOf(action.risk) >= risks.indexOf(settings.from);
}

/** What happens when nobody answers; never a yes to what can't be undone, nor to what may have happened already. */
export function defaultDecision(
  settings: ApprovalSettings,
  action: ActionPolicy,
  wasInFlight: boolean,
): ApprovalRequest["defaultDecision"] {
  if (!action.isReversible || wasInFlight) return "deny";
  const wanted =
    action.approval.onTimeout ?? (settings.onTimeout === "approve-reversible" ? "approve" : "deny");
  return wanted;
}
