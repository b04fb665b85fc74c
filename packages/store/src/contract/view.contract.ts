import type { Step } from "@plumbline/contracts";
import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { beforeAll, expect, it } from "vitest";
import type { StoreBed } from "./harness.contract.ts";
import {
  noonMs,
  sampleAck,
  sampleCommand,
  sampleDirective,
  sampleFeedback,
  sampleFinding,
  sampleRun,
} from "./samples.contract.ts";

const tenantId = "views";
const runId = "v-run";
const of = <Item>(item: Item): Item => ({ ...item, tenantId });

const outcome = (kind: Step["outcome"]["class"], errorType: string | null = null): Step["outcome"] => ({
  class: kind,
  evidence: "result.success=false",
  errorType,
  message: errorType === null ? null : `it was ${errorType}`,
});

const steps: Step[] = [
  toolStep(1, { name: "refund" }, { runId, tenantId }),
  toolStep(2, { name: "refund" }, { runId, tenantId, outcome: outcome("hidden-error") }),
  toolStep(3, { name: "refund" }, { runId, tenantId, outcome: outcome("error", "LOCKED") }),
  toolStep(4, { name: "refund" }, { runId, tenantId, outcome: outcome("error", "LOCKED") }),
  {
    ...toolStep(5, { name: "refund" }, { runId, tenantId, outcome: outcome("error", "LOCKED") }),
    retracted: true,
  },
  modelStep(6, "done", { runId, tenantId }),
];

/** Everything twice, as replays bring it: once as it is and once in an older version. */
async function insertScenario(bed: StoreBed): Promise<void> {
  const { store } = bed;
  const newer = steps.map((step) => ({ ...step, revision: 3 }));
  for (const [round, batch] of [newer, steps, newer].entries()) {
    await store.insert("steps", batch, `v-steps-${String(round)}`);
  }
  const runs = [
    sampleRun(runId, { revision: 4 }),
    sampleRun("v-quiet"),
    sampleRun(runId, { costMicroUsd: 1 }),
  ].map(of);
  const hidden = sampleFinding("v-hidden", {
    runId,
    kind: "hidden-failure",
    enforced: false,
    evidence: [
      {
        stepId: steps[1]?.stepId ?? "",
        sequence: 2,
        name: "refund",
        call: "",
        returned: "",
        broughtNew: false,
      },
    ],
  });
  const findings = [sampleFinding(runId), hidden].map(of);
  for (const round of ["1", "2"]) {
    await store.insert("runs", runs, `v-runs-${round}`);
    await store.insert("findings", findings, `v-findings-${round}`);
    await store.insert("feedback", [of(sampleFeedback(runId))], `v-feedback-${round}`);
    await store.insert("commands", [of(sampleCommand(runId))], `v-commands-${round}`);
    const resumed = {
      generation: 9,
      desired: "running" as const,
      issuedAtMs: noonMs + 9000,
      issuedBy: "user:ana",
    };
    const directives = [
      sampleDirective(runId),
      sampleDirective(runId, { generation: 6 }),
      sampleDirective(runId, resumed),
    ];
    await store.insert("directives", directives.map(of), `v-directives-${round}`);
    const acks = [
      sampleAck(runId),
      sampleAck(runId, { ackId: "k-late", generation: 9, atMs: noonMs + 9100 }),
    ];
    await store.insert("acks", acks.map(of), `v-acks-${round}`);
  }
}

function costViews(rows: (view: string, columns: string) => Promise<unknown[]>): void {
  it("sums up runs in their newest version", async () => {
    expect(await rows("v_run_summary", "RunId, CostUsd, Steps, Seconds")).toEqual([
      { RunId: "v-quiet", CostUsd: 3.18, Steps: "7", Seconds: 60 },
      { RunId: runId, CostUsd: 3.18, Steps: "7", Seconds: 60 },
    ]);
  });

  it("tells what a loop cost", async () => {
    expect(await rows("v_loop_cost", "RunId, Kinds, BarrenSteps, WastedUsd, RunCostUsd")).toEqual([
      { RunId: runId, Kinds: ["exact-loop"], BarrenSteps: "5", WastedUsd: 2.41, RunCostUsd: 3.18 },
    ]);
  });
}

function failureViews(rows: (view: string, columns: string) => Promise<unknown[]>): void {
  it("counts each call of a tool once, whatever came twice or was retracted", async () => {
    expect(await rows("v_tool_reliability", "Tool, Calls, Errors, HiddenErrors, FailureRate, P95Ms")).toEqual(
      [{ Tool: "refund", Calls: "4", Errors: "2", HiddenErrors: "1", FailureRate: 0.75, P95Ms: 100 }],
    );
  });

  it("groups failures that come again", async () => {
    expect(await rows("v_failure_patterns", "Outcome, ErrorType, Times, Runs, LastMessage")).toEqual([
      { Outcome: "error", ErrorType: "LOCKED", Times: "2", Runs: "1", LastMessage: "it was LOCKED" },
      { Outcome: "hidden-error", ErrorType: "", Times: "1", Runs: "1", LastMessage: "" },
    ]);
  });

  it("lists hidden failures with the findings that name them", async () => {
    expect(await rows("v_hidden_failures", "Sequence, Tool, Evidence, FindingIds")).toEqual([
      { Sequence: "2", Tool: "refund", Evidence: "result.success=false", FindingIds: ["f-v-hidden"] },
    ]);
  });
}

function policyViews(rows: (view: string, columns: string) => Promise<unknown[]>): void {
  it("counts the runs in which the policy really stepped in", async () => {
    expect(
      await rows(
        "v_intervention_rate",
        "Runs, RunsWithFinding, RunsIntervened, RunsPaused, InterventionRate",
      ),
    ).toEqual([
      { Runs: "2", RunsWithFinding: "1", RunsIntervened: "1", RunsPaused: "1", InterventionRate: 0.5 },
    ]);
  });

  it("tells the precision of a detector, and nothing where nobody spoke", async () => {
    expect(await rows("v_detector_precision", "Kind, Findings, Right, FalseAlarms, Precision")).toEqual([
      { Kind: "exact-loop", Findings: "1", Right: "1", FalseAlarms: "0", Precision: 1 },
      { Kind: "hidden-failure", Findings: "1", Right: "0", FalseAlarms: "0", Precision: null },
    ]);
  });

  it("measures from the deciding step and from the command to the pause, not to what came after it", async () => {
    expect(await rows("v_time_to_stop", "RunId, Desired, Kind, CommandToHeldMs, StepToHeldMs")).toEqual([
      { RunId: runId, Desired: "paused", Kind: "exact-loop", CommandToHeldMs: 250, StepToHeldMs: 450 },
    ]);
  });
}

export function viewCases(bed: StoreBed): void {
  beforeAll(() => insertScenario(bed));
  const rows = (view: string, columns: string): Promise<unknown[]> =>
    bed.store.query({
      sql: `SELECT ${columns} FROM plumbline.${view} WHERE TenantId = {tenantId:String} ORDER BY ALL`,
      parameters: { tenantId },
    });
  costViews(rows);
  failureViews(rows);
  policyViews(rows);
}
