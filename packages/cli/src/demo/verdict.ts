import type { RunDetail } from "@plumbline/contracts";
import type { ServiceCounts } from "./order-service.ts";
import type { Scenario } from "./scenario.ts";

/** Whether an agent of the demo ended as it had to; what differs, in words. */
export interface Verdict {
  agent: string;
  passed: boolean;
  differences: readonly string[];
}

function findingDifferences({ findings }: RunDetail, expected: Scenario["expected"]): string[] {
  const kinds = [...new Set(findings.map((finding) => finding.kind))];
  if (expected.findings.length === 0)
    return kinds.length === 0 ? [] : [`nothing should have been found, but: ${kinds.join(", ")}`];
  const found = kinds.some((kind) => expected.findings.includes(kind));
  return found
    ? []
    : [
        `expected one of ${expected.findings.join(", ")}, found ${kinds.length === 0 ? "nothing" : kinds.join(", ")}`,
      ];
}

function countDifferences(expected: Scenario["expected"], counts: ServiceCounts): string[] {
  const wanted = Object.entries(expected.counts ?? {}) as [keyof ServiceCounts, number][];
  return wanted
    .filter(([name, count]) => counts[name] !== count)
    .map(([name, count]) => `the service counts ${String(counts[name])} ${name} instead of ${String(count)}`);
}

/** Compares a run, and what the order service itself counted, with what the scenario says must be. */
export function judge(scenario: Scenario, detail: RunDetail | undefined, counts: ServiceCounts): Verdict {
  const { name: agent, expected } = scenario;
  if (detail === undefined) return { agent, passed: false, differences: ["Plumbline never saw the run"] };
  const { run } = detail;
  const differences = [
    ...(run.status === expected.status ? [] : [`status is ${run.status} instead of ${expected.status}`]),
    ...(run.stopReason === expected.stopReason
      ? []
      : [`stop reason is ${run.stopReason ?? "none"} instead of ${expected.stopReason ?? "none"}`]),
    ...findingDifferences(detail, expected),
    ...countDifferences(expected, counts),
  ];
  return { agent, passed: differences.length === 0, differences };
}
