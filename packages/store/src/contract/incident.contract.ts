import { expect, it } from "vitest";
import { createRunQueries } from "../queries/run-queries.ts";
import type { StoreBed } from "./harness.contract.ts";
import { noonMs, sampleFinding } from "./samples.contract.ts";

const tenantId = "incidents";

const minuteMs = 60_000;

const printerDown = (name: string, runId: string, atMs: number) => ({
  ...sampleFinding(name, {
    runId,
    kind: "retry-storm",
    firstAtMs: atMs,
    failure: "503",
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

  it("follows an incident over any quarter of an hour, and tells its failure from another of the same tool", async () => {
    const of = { tenantId: "sliding" };
    const findings = [
      printerDown("s-1", "run-a", noonMs + 13 * minuteMs),
      printerDown("s-2", "run-b", noonMs + 17 * minuteMs),
      printerDown("s-3", "run-c", noonMs + 26 * minuteMs),
      { ...printerDown("s-4", "run-d", noonMs + 18 * minuteMs), failure: "no paper" },
      { ...printerDown("s-5", "run-e", noonMs + 19 * minuteMs), failure: "no paper" },
      printerDown("s-6", "run-f", noonMs + 40 * minuteMs),
    ].map((finding) => ({ ...finding, ...of }));
    await bed.store.insert("findings", findings.slice(0, 2), "sliding-1");
    const queries = createRunQueries(bed.store);
    const [begun] = await queries.incidents({ ...of, runId: "run-a" });
    expect(begun?.runIds).toEqual(["run-a", "run-b"]);
    await bed.store.insert("findings", findings.slice(2), "sliding-2");
    const [grown] = await queries.incidents({ ...of, runId: "run-a" });
    expect(grown).toMatchObject({ incidentId: begun?.incidentId, runIds: ["run-a", "run-b", "run-c"] });
    const [other] = await queries.incidents({ ...of, runId: "run-d" });
    expect(other?.runIds).toEqual(["run-d", "run-e"]);
    expect(await queries.incidents({ ...of, runId: "run-f" })).toEqual([]);
  });
}
