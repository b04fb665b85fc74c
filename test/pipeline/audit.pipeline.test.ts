import {
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
  trustedKeysFileName,
  type TrustedKeys,
} from "@plumbline/contracts";
import { AuditAdversary, type AuditTables, createSeededRandom } from "@plumbline/contracts/testing";
import { configurePlumbline, shutdown, supervise } from "@plumbline/instrumentation";
import { createAuditQueries } from "@plumbline/store";
import { mkdtempSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type AuditTrailSource, verifyTrail } from "../../packages/cli/src/audit/verify-trail.ts";
import { openChdbEngine } from "../../packages/store/src/chdb/chdb-engine.ts";
import { loadChdb } from "../../packages/store/src/chdb/load-chdb.ts";
import type { Engine } from "../../packages/store/src/engine/engine.ts";
import { defaultUntrustedLimits } from "../../packages/store/src/engine/role-settings.ts";
import { EngineStore } from "../../packages/store/src/engine-store.ts";
import {
  createPlace,
  type PlumblinePlace,
  type PlumblineProcess,
  runPlumbline,
  startPlumbline,
} from "./support/plumbline-process.ts";

const outside = mkdtempSync(join(tmpdir(), "plumbline-outside-"));
const headFile = join(outside, "heads.jsonl");
const callsPerRun = 6;
const runIds = ["run-one", "run-two", "run-three"];
let place: PlumblinePlace;
let server: PlumblineProcess;

const plumbline = (...args: string[]) => runPlumbline(args, place);

async function until(what: string, holds: () => Promise<boolean>): Promise<number> {
  const beganAt = Date.now();
  while (!(await holds())) {
    if (Date.now() - beganAt > 30_000) throw new Error(`Waited in vain until ${what}: ${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return Date.now() - beganAt;
}

async function startServer(): Promise<void> {
  server = await startPlumbline(place, ["--config", join(outside, "plumbline.yaml")]);
}

const api = async (path: string): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${String(place.apiPort)}${path}`)).json();

async function headCount(): Promise<number> {
  const { heads } = (await api("/api/audit/heads?limit=2000")) as { heads: unknown[] };
  return heads.length;
}

async function refund(runId: string): Promise<void> {
  await supervise({ name: "refunds", runId }, async (run) => {
    run.tool({
      name: "refund",
      audit: { action: "Pays an order back", modifies: ["payments"] },
      parameters: z.object({ order: z.number() }),
      execute: ({ order }) => ({ refunded: order }),
    });
    for (let order = 1; order <= callsPerRun; order += 1)
      await run.execute([
        {
          id: `c-${String(order)}`,
          type: "function",
          function: { name: "refund", arguments: `{"order":${String(order)}}` },
        },
      ]);
  });
}

beforeAll(async () => {
  place = await createPlace(await mkdtemp(join(tmpdir(), "plumbline-")));
  const settings = {
    audit: {
      compliance: [{ to: "table" }, { to: "file", path: join(outside, "compliance.jsonl") }],
      heads: [{ to: "file", path: join(outside, "head-sink.jsonl") }],
      headIntervalMs: 1000,
    },
  };
  await writeFile(join(outside, "plumbline.yaml"), JSON.stringify(settings));
  await startServer();
  configurePlumbline({
    endpoint: `http://127.0.0.1:${String(place.otlpHttpPort)}`,
    dataDirectory: place.dataDirectory,
  });
}, 60_000);

afterAll(async () => {
  await shutdown();
  await server.stop();
  await rm(place.dataDirectory, { recursive: true, force: true });
  await rm(outside, { recursive: true, force: true });
});

interface Tables {
  engine: Engine;
  store: EngineStore;
}

/** The tables of the stopped server, to be written by anyone. */
async function withTables<Result>(
  work: (engine: Engine, store: EngineStore) => Promise<Result>,
): Promise<Result> {
  await loadChdb();
  const engine = await openChdbEngine({
    directory: join(place.dataDirectory, "chdb"),
    maxMemoryBytes: 2 ** 30,
    markCacheBytes: 2 ** 26,
    connections: { writer: 1, reader: 1, untrusted: 1 },
    untrustedLimits: defaultUntrustedLimits,
  });
  const store = new EngineStore(engine, defaultUntrustedLimits);
  try {
    await engine.useDatabase("plumbline");
    return await work(engine, store);
  } finally {
    await store.close();
  }
}

function sourceOf(store: EngineStore): AuditTrailSource {
  const queries = createAuditQueries(store);
  const page = { tenantId: "", limit: 2000 };
  const begin = { chainId: "", afterSequence: 0, afterHash: "" };
  return {
    heads: () => queries.heads({ ...page, ledger: 0, afterIndex: 0 }),
    runIds: () => queries.runIds({ ...page, after: "" }),
    compliance: (runId) => queries.compliance({ ...page, ...begin, runId }),
    technical: (runId) => queries.technical({ ...page, ...begin, runId }),
  };
}

async function read(source: AuditTrailSource): Promise<AuditTables> {
  const compliance: StoredCompliance[] = [];
  const technical: StoredTechnical[] = [];
  for (const runId of runIds) {
    compliance.push(...(await source.compliance(runId)));
    technical.push(...(await source.technical(runId)));
  }
  return { compliance, technical, heads: await source.heads() };
}

async function write(tables: Tables, rows: AuditTables, token: string): Promise<void> {
  const { engine, store } = tables;
  for (const table of ["tool_calls_audit", "audit_log", "audit_heads"])
    await engine.command(`TRUNCATE TABLE plumbline.${table}`);
  await store.insert("tool_calls_audit", rows.compliance, `${token}:compliance`);
  await store.insert("audit_log", rows.technical, `${token}:technical`);
  await store.insert("audit_heads", rows.heads, `${token}:heads`);
}

/** An edit may happen to change nothing; then it is made again. */
function edited(adversary: AuditAdversary, kind: (typeof AuditAdversary.edits)[number], whole: AuditTables) {
  for (;;) {
    const rows = structuredClone(whole);
    adversary.edit(kind, rows);
    if (JSON.stringify(rows) !== JSON.stringify(whole)) return rows;
  }
}

describe("the audit trail from the agent to the auditor", () => {
  it("is in the tables and countersigned moments after the calls, and nobody finds a fault", async () => {
    await Promise.all(runIds.map(refund));
    const total = callsPerRun * runIds.length;
    await until("all were countersigned", async () => (await headCount()) === total);
    const { code, output } = await plumbline("audit", "verify", "--json");
    expect(JSON.parse(output)).toMatchObject({
      ok: true,
      runs: runIds.length,
      records: total,
      heads: total,
      anchored: "log",
      findings: [],
    });
    expect(code).toBe(0);
    expect((await plumbline("audit", "head", "--out", headFile)).code).toBe(0);
    const one = await plumbline("audit", "verify", "run-two", "--head", headFile);
    expect(one.output).toContain(`${String(callsPerRun)} records of 1 run`);
    expect(one.code).toBe(0);
  });

  it("shows people the compliance part, and contents to the audit API alone", async () => {
    const shown = await plumbline(
      "sql",
      "--json",
      "SELECT count() AS calls FROM tool_calls_audit FINAL WHERE Action = 'Pays an order back'",
    );
    expect(shown.output).toContain(`"calls":"${String(callsPerRun * runIds.length)}"`);
    const refused = await plumbline("sql", "SELECT Input FROM audit_log");
    expect(refused.output).toMatch(/audit_log/);
    expect(refused.code).toBe(1);
    const raw = await plumbline(
      "sql",
      "--json",
      "SELECT count() AS n FROM otel_logs WHERE EventName = 'plumbline.audit'",
    );
    expect(raw.output).toContain('"n":"0"');
  });

  it("goes to each sink in the part that is meant for it", async () => {
    const file = join(outside, "compliance.jsonl");
    await until("the sink had all", () =>
      Promise.resolve(readFileSync(file, "utf8").trim().split("\n").length === callsPerRun * runIds.length),
    );
    expect(readFileSync(file, "utf8")).not.toContain("refunded");
    const heads = join(outside, "head-sink.jsonl");
    await until("the heads were published", () => Promise.resolve(readFileSync(heads, "utf8").trim() !== ""));
    const verified = await plumbline("audit", "verify", "--head", heads);
    expect(verified.code).toBe(0);
    const offline = await plumbline("audit", "verify", "--compliance-file", file, "--json");
    expect(JSON.parse(offline.output)).toMatchObject({ ok: true, countersigned: false });
  });

  it("gives away every edit of the stored rows by somebody without the key", async () => {
    await server.stop();
    const { keys } = JSON.parse(
      readFileSync(join(place.dataDirectory, trustedKeysFileName), "utf8"),
    ) as TrustedKeys;
    const anchors = readFileSync(headFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as SignedAuditHead);
    await withTables(async (engine, store) => {
      const source = sourceOf(store);
      const found = async (): Promise<number> => {
        const parts = new Set(["compliance", "technical"] as const);
        const verdict = await verifyTrail({
          source,
          run: undefined,
          parts,
          anchors,
          keys,
          mustBeAttested: true,
        });
        return verdict.findings.length;
      };
      const whole = await read(source);
      expect(whole.compliance).toHaveLength(callsPerRun * runIds.length);
      expect(await found()).toBe(0);
      const random = createSeededRandom(7);
      const adversary = new AuditAdversary(random);
      const missed: string[] = [];
      for (let edit = 0; edit < 48; edit += 1) {
        const kind = AuditAdversary.edits[edit % AuditAdversary.edits.length] ?? "change";
        const rows = edited(adversary, kind, whole);
        await write({ engine, store }, rows, `edit-${String(edit)}`);
        if ((await found()) === 0) missed.push(`${kind} ${JSON.stringify(rows)}`);
      }
      expect(missed).toEqual([]);
      await write({ engine, store }, whole, "whole");
      expect(await found()).toBe(0);
    });
  }, 120_000);

  it("names a run that was deleted whole, with exit code 1, against the head kept outside", async () => {
    await withTables(async (engine) => {
      for (const table of ["tool_calls_audit", "audit_log", "audit_heads"])
        await engine.command(
          `ALTER TABLE plumbline.${table} DELETE WHERE RunId = 'run-two' SETTINGS mutations_sync = 1`,
        );
    });
    await startServer();
    const { code, output } = await plumbline("audit", "verify", "--head", headFile, "--json");
    expect(code).toBe(1);
    const { findings } = JSON.parse(output) as { findings: { kind: string }[] };
    expect(findings.map(({ kind }) => kind)).toContain("head-missing");
    const whole = await plumbline("audit", "verify", "run-one");
    expect(whole.output).toMatch(/NOT as it was written/);
  });
});
