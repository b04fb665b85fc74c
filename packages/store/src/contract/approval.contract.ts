import type { Command } from "@plumbline/contracts";
import { expect, it } from "vitest";
import { createRunQueries } from "../queries/run-queries.ts";
import type { StoreBed } from "./harness.contract.ts";
import { noonMs, sampleAck, sampleApproval, sampleCommand, sampleRun } from "./samples.contract.ts";

const tenantId = "approvals";
const runId = "ap-run";
const farMs = Date.parse("2200-01-01T00:00:00Z");

const asked = (approvalId: string, expiresAtMs: number) => ({
  ...sampleApproval(runId),
  tenantId,
  approvalId,
  expiresAtMs,
});
function answered(approvalId: string, verb: "approve" | "deny", issuedAtMs: number): Command {
  const { reason: _, ...common } = sampleCommand(runId);
  const commandId = `${verb}-${approvalId}-${String(issuedAtMs)}`;
  const given = { tenantId, commandId, issuedBy: "user:ana", issuedAtMs, message: "as agreed" };
  const subject = { approvalId, argsHash: "h" };
  return verb === "approve"
    ? { ...common, ...given, ...subject, verb, editedArguments: '{"amount":10}' }
    : { ...common, ...given, ...subject, verb };
}
const ackOf = (approvalId: string, phase: "applied" | "expired", detail: string) =>
  sampleAck(runId, {
    tenantId,
    ackId: `k-${approvalId}-${phase}`,
    phase,
    detail,
    subject: { kind: "approval", approvalId },
  });

export function approvalCases(bed: StoreBed): void {
  it("says of every approval what came of it, and who decided", async () => {
    const { store } = bed;
    const ids = ["ap-open", "ap-late", "ap-yes", "ap-here", "ap-over"];
    const requests = ids.map((id) => asked(id, id === "ap-late" ? noonMs + 1 : farMs));
    const killedRun = { ...sampleRun("ap-killed-run", { status: "killed" }), tenantId };
    await store.insert("runs", [killedRun], "approval-runs");
    requests.push({ ...asked("ap-moot", farMs), runId: killedRun.runId });
    await store.insert("approvals", requests, "approvals");
    const commands = [answered("ap-yes", "deny", noonMs + 10), answered("ap-yes", "approve", noonMs + 20)];
    await store.insert("commands", commands, "approval-answers");
    const acks = [
      ackOf("ap-yes", "applied", "approved by user:ana"),
      ackOf("ap-here", "applied", "denied by callback"),
      ackOf("ap-over", "expired", "nobody answered in time: denied"),
    ];
    await store.insert("acks", acks, "approval-acks");
    const queries = createRunQueries(store);
    const filter = { tenantId, runId, prefix: null, pendingOnly: false, limit: 10 };
    const all = await queries.findApprovals(filter);
    const [moot] = await queries.findApprovals({ ...filter, runId: killedRun.runId });
    expect(moot).toMatchObject({ status: "expired", decidedBy: "", acknowledged: false });
    const byId = new Map(all.map((one) => [one.request.approvalId, one]));
    expect(ids.map((id) => byId.get(id)?.status)).toEqual([
      "pending",
      "expired",
      "approved",
      "denied",
      "expired",
    ]);
    expect(byId.get("ap-yes")).toMatchObject({
      decidedBy: "user:ana",
      decidedAtMs: noonMs + 20,
      message: "as agreed",
      editedArguments: '{"amount":10}',
      acknowledged: true,
      request: { toolName: "refund", context: { steps: 8 } },
    });
    expect(byId.get("ap-here")).toMatchObject({ decidedBy: "callback", editedArguments: null });
    expect(byId.get("ap-open")).toMatchObject({ decidedBy: "", decidedAtMs: null, acknowledged: false });
    const pending = await queries.findApprovals({ ...filter, pendingOnly: true });
    expect(pending.map(({ request }) => request.approvalId)).toEqual(["ap-open"]);
    const found = await queries.findApprovals({ ...filter, runId: null, prefix: "ap-o" });
    expect(found.map(({ request }) => request.approvalId).sort()).toEqual(["ap-open", "ap-over"]);
    expect(await queries.findApprovals({ ...filter, tenantId: "other" })).toEqual([]);
  });
}
