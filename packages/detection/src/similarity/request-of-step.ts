import type { Step } from "@plumbline/contracts";
import { requestIn } from "../features/request.ts";
import { canonicalArguments } from "../mask/canonical-arguments.ts";

/** What an ended tool call asks for in words; null where it does not. */
export function requestOfStep(step: Step): string | null {
  if (step.tool === null || step.state !== "ended") return null;
  return requestIn(canonicalArguments(step.tool.arguments).values)?.text ?? null;
}
