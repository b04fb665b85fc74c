import { toolStep } from "@plumbline/contracts/testing";
import { expect, it } from "vitest";
import { createRunQueries } from "../queries/run-queries.ts";
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

const tenantId = "queries";
const of = <Item>(item: Item): Item => ({ ...item, tenantId });

function runCases(bed: StoreBed): void {
  it("lists runs by when they were last seen, by status, of one tenant", async () => {
    const runs = [
      sampleRun("list-old", { lastSeenAtMs: noonMs }),
      sampleRun("list-new", { lastSeenAtMs: noonMs + 9000, status: "paused" }),
    ].map(of);
    await bed.store.insert("runs", [...runs, sampleRun("list-other")], "list");
    const queries = createRunQueries(bed.store);
    const ids = async (status: "paused" | null, limit = 10): Promise<string[]> =>
      (await queries.listRuns({ tenantId, status, limit })).map((run) => run.runId);
    expect(await ids(null)).toEqual(["list-new", "list-old"]);
    expect(await ids("paused")).toEqual(["list-new"]);
    expect(await ids(null, 1)).toEqual(["list-new"]);
  });

  it("finds runs by the beginning of id or alias, the exact one first", async () => {
    const runs = ["find-abc", "find-ab", "find-x"].map((runId) => of(sampleRun(runId)));
    await bed.store.insert("runs", runs, "find");
    const found = async (prefix: string): Promise<string[]> =>
      (await createRunQueries(bed.store).findRuns({ tenantId, prefix, limit: 10 })).map((run) => run.runId);
    expect((await found("find-ab"))[0]).toBe("find-ab");
    expect((await found("find-ab")).toSorted()).toEqual(["find-ab", "find-abc"]);
    expect(await found("alias-of-find-x")).toEqual(["find-x"]);
    expect(await found("%")).toEqual([]);
  });

  it("shows the steps of a run in their order, without retracted ones", async () => {
    const run = { tenantId, runId: "run-order" };
    const steps = [3, 1, 2].map((n) => toolStep(n, { name: "search" }, run));
    await bed.store.insert(
      "steps",
      [...steps, { ...toolStep(4, { name: "search" }, run), retracted: true }],
      "order",
    );
    const found = await createRunQueries(bed.store).steps(run);
    expect(found.map((step) => step.sequence)).toEqual([1, 2, 3]);
  });
}

function controlCases(bed: StoreBed): void {
  it("shows with each command what the agent answered to it", async () => {
    const runId = "run-commands";
    const pause = of(sampleCommand(runId));
    const nudge = of({
      ...sampleCommand(runId),
      commandId: "nudge-1",
      verb: "nudge" as const,
      text: "try else",
      issuedBy: "user:ana",
      issuedAtMs: noonMs + 2000,
    });
    await bed.store.insert("commands", [nudge, pause], "commands");
    const after = { generation: 8, issuedAtMs: nudge.issuedAtMs, issuedBy: "user:ana" };
    await bed.store.insert(
      "directives",
      [of(sampleDirective(runId)), of(sampleDirective(runId, after))],
      "directives",
    );
    const acks = [
      sampleAck(runId, { ackId: "k-1", generation: 6 }),
      sampleAck(runId, {
        ackId: "k-2",
        generation: 8,
        subject: { kind: "nudge", nudgeId: "nudge-1" },
        detail: "given",
      }),
    ].map(of);
    await bed.store.insert("acks", acks, "acks");
    const found = await createRunQueries(bed.store).commands({ tenantId, runId });
    expect(
      found.map(({ command, acknowledged }) => [command.commandId, acknowledged.map((ack) => ack.detail)]),
    ).toEqual([
      [pause.commandId, ["nothing is under way"]],
      ["nudge-1", ["given"]],
    ]);
  });
}

function findingCases(bed: StoreBed): void {
  it("tells the findings raised since a time and counts the last word on each", async () => {
    const old = of(sampleFinding("p-old", { raisedAtMs: noonMs - 1000 }));
    const findings = ["p-1", "p-2", "p-3"].map((runId) => of(sampleFinding(runId)));
    await bed.store.insert("findings", [old, ...findings], "precision-findings");
    const said = [
      sampleFeedback("p-old"),
      sampleFeedback("p-1"),
      sampleFeedback("p-2"),
      sampleFeedback("p-2", { verdict: "false-alarm", by: "user:bo", atMs: noonMs + 6000 }),
    ].map(of);
    await bed.store.insert("feedback", said, "precision-feedback");
    const queries = createRunQueries(bed.store);
    const since = { tenantId, sinceMs: noonMs + 0.5 };
    const raised = await queries.findingsSince({ ...since, limit: 10 });
    expect(raised.map((finding) => finding.runId)).toEqual(["p-1", "p-2", "p-3"]);
    expect(await queries.precision(since)).toEqual({ "exact-loop": { right: 1, falseAlarm: 1 } });
    expect(
      (await queries.findFindings({ tenantId, prefix: "f-p-", limit: 2 })).map((one) => one.findingId),
    ).toEqual(["f-p-1", "f-p-2"]);
  });

  it("knows how long a tool usually takes once it has seen five calls", async () => {
    const run = { tenantId, runId: "run-p95" };
    const steps = [1, 2, 3, 4, 5].map((n) =>
      toolStep(n, { name: "slow" }, { ...run, startMs: noonMs, endMs: noonMs + n * 100 }),
    );
    const queries = createRunQueries(bed.store);
    await bed.store.insert("steps", steps.slice(0, 4), "p95-1");
    expect(await queries.stepP95Ms({ tenantId, name: "slow" })).toBeNull();
    await bed.store.insert("steps", steps, "p95-2");
    expect(await queries.stepP95Ms({ tenantId, name: "slow" })).toBe(500);
  });
}

export function queryCases(bed: StoreBed): void {
  runCases(bed);
  controlCases(bed);
  findingCases(bed);
}
