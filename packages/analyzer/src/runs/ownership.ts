import type { RunSummary } from "@plumbline/contracts";

/** What telemetry without a principal may lead to. */
export const anonymousTelemetryModes = ["observe", "enforce"] as const;
export type AnonymousTelemetry = (typeof anonymousTelemetryModes)[number];

/**
 * Whether a sender may add to a run. A run belongs to the first principal that is named; what was told of it before by
 * senders without a name is kept, and what they or others tell afterwards is refused (design §6).
 * @param owner principal of the run, empty while nobody owns it
 */
export function mayAddTo(owner: string, sender: string): boolean {
  return owner === "" || owner === sender;
}

/** Whether the run's telemetry may lead to more than observing. */
export function mayLeadToCommands({ principal }: RunSummary, anonymous: AnonymousTelemetry): boolean {
  return principal !== "" || anonymous === "enforce";
}
