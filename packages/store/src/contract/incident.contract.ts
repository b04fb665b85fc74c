import { expect, it } from "vitest";
import { createRunQueries } from "../queries/run-queries.ts";
import type { StoreBed } from "./harness.contract.ts";
import { noonMs, sampleFinding } from "./samples.contract.ts";

const tenantId = "incidents";

const printerDown = (name: string, runId: string, atMs: number) => ({
  ...sampleFinding(name, {
    runId,
    kind: "retry-storm",
    firstAtMs: atMs,
    evidence: [
      {
        stepId: `step-${name}`,
        sequence: 4,
        name: "print_label",
        call: "",
        returned: "503",
        broughtNew: false,
      },
    ],
  }),
  tenantId,
});

export function incidentCases(bed: StoreBed): void {
  it("makes one incident of the same trouble in several runs, and none of one run's", async () => {
    const later = noonMs + 60 * 60_000;
    const findings = [
      printerDown("i-1", "run-a", noonMs),
      printerDown("i-2", "run-b", noonMs + 60_000),
      printerDown("i-3", "run-a", noonMs + 120_000),
      printerDown("i-4", "run-c", later),
    ];
    await bed.store.insert("findings", findings, "incidents");
    const queries = createRunQueries(bed.store);
    const [incident] = await queries.incidents({ tenantId, runId: "run-b" });
    expect(incident).toMatchObject({
      kind: "retry-storm",
      toolName: "print_label",
      runIds: ["run-a", "run-b"],
    });
    expect(await queries.incidents({ tenantId, runId: "run-c" })).toEqual([]);
    const incidentId = incident?.incidentId ?? "";
    expect(await queries.findIncident({ tenantId, incidentId })).toEqual(incident);
    expect(await queries.findIncident({ tenantId: "other", incidentId })).toBeUndefined();
  });
}
