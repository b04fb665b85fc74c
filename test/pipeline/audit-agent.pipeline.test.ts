import { type AuditRecord, auditRecordFaults, verifyAuditRun } from "@plumbline/contracts";
import { RunKilledError, supervise } from "@plumbline/instrumentation";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents } from "./support/serve-agents.ts";

const directory = mkdtempSync(join(tmpdir(), "plumbline-"));
const complianceFile = join(directory, "auditors", "compliance.jsonl");
const technicalFile = join(directory, "engineers", "technical.jsonl");

const server = await serveAgents({
  auditComplianceFile: complianceFile,
  auditTechnicalFile: technicalFile,
});

let lastCall = 0;
const call = (name: string, input: object) => {
  lastCall += 1;
  return {
    id: `call-${String(lastCall)}`,
    type: "function" as const,
    function: { name, arguments: JSON.stringify(input) },
  };
};

async function recordsOf(runId: string, count: number): Promise<AuditRecord[]> {
  await server.waitFor(
    `${String(count)} records came`,
    () => server.eventsOf("plumbline.audit", runId).length >= count,
  );
  return server.eventsOf("plumbline.audit", runId).map(({ record }) => record);
}

const linesOf = (file: string, runId: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { link: { runId: string } })
    .filter(({ link }) => link.runId === runId);

function refunds(runId: string): Promise<void> {
  return supervise({ name: "refunds", runId }, async (run) => {
    run.tool({
      name: "refund",
      description: "Refunds an order",
      risk: "low",
      reversible: false,
      audit: { action: "Pays an order back", accesses: ["orders"], modifies: ["payments"] },
      parameters: z.object({ order: z.number(), note: z.string().optional() }),
      execute: ({ order }) => {
        if (order === 13) throw new TypeError("the card 4242 is locked");
        return { refunded: order };
      },
    });
    await run.execute([call("refund", { order: 1042, note: "for Ana" })]);
    await run.execute([call("refund", { order: 13 })]);
    await run.execute([call("refund", { order: "x" })]);
    await run.execute([call("delete_all", {})]);
  });
}

describe("the audit trail of an agent", () => {
  it("has one record for every tool call, in order, whatever became of the call", async () => {
    await refunds("run-audit");
    const records = await recordsOf("run-audit", 4);
    expect(records.map(({ link }) => link.sequence)).toEqual([1, 2, 3, 4]);
    expect(records.flatMap((record) => auditRecordFaults(record))).toEqual([]);
    expect(records.map(({ compliance }) => compliance.outcome)).toEqual([
      "succeeded",
      "failed",
      "refused",
      "refused",
    ]);
    expect(records[0]?.compliance).toMatchObject({
      agentName: "refunds",
      toolName: "refund",
      action: "Pays an order back",
      risk: "low",
      reversible: false,
      dataAccessed: ["orders"],
      dataModified: ["payments"],
      errorType: null,
    });
    expect(records[0]?.technical).toMatchObject({
      input: '{"order":1042,"note":"for Ana"}',
      output: '{"refunded":1042}',
      error: null,
    });
    expect(records[1]?.technical.error).toBe("the card 4242 is locked");
    expect(records[1]?.compliance.errorType).toBe("TypeError");
  });

  it("keeps arguments, results and error messages out of the compliance part", async () => {
    await refunds("run-discreet");
    const records = await recordsOf("run-discreet", 4);
    const text = JSON.stringify(records.map(({ compliance }) => compliance));
    for (const secret of ["1042", "Ana", "4242", "locked"]) expect(text).not.toContain(secret);
  });

  it("writes each part to a file of its own, for its owner alone, whether a server is there or not", async () => {
    await refunds("run-files");
    const compliance = linesOf(complianceFile, "run-files") as never[];
    const technical = linesOf(technicalFile, "run-files") as never[];
    expect(compliance).toHaveLength(4);
    expect(
      verifyAuditRun({
        runId: "run-files",
        compliance,
        technical,
        attested: new Map(),
        mustBeAttested: false,
      }),
    ).toEqual([]);
    expect(readFileSync(complianceFile, "utf8")).not.toContain("1042");
    for (const file of [complianceFile, technicalFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("begins another chain when the run is started again", async () => {
    await refunds("run-again");
    await refunds("run-again");
    const records = await recordsOf("run-again", 8);
    expect(new Set(records.map(({ link }) => link.chainId)).size).toBe(2);
    expect(records.map(({ link }) => link.sequence)).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it("tells of a call that a kill ended, and of one that it kept from being made", async () => {
    const runId = "run-killed";
    const killed = supervise({ name: "refunds", runId }, async (run) => {
      run.tool({
        name: "wait",
        parameters: z.object({}),
        execute: () => {
          server.direct(runId, { desired: "killed", reason: "USER_KILLED" });
          return new Promise(() => undefined);
        },
      });
      await run.execute([call("wait", {})]).catch(() => undefined);
      await run.execute([call("wait", {})]);
    });
    await expect(killed).rejects.toBeInstanceOf(RunKilledError);
    const records = await recordsOf(runId, 2);
    expect(records.map(({ compliance }) => [compliance.outcome, compliance.errorType])).toEqual([
      ["interrupted", "RunKilledError"],
      ["refused", "RunKilledError"],
    ]);
  });
});
