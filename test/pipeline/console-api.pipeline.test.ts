import {
  approvalListSchema,
  initialDirective,
  operatorPath,
  runDetailSchema,
  runKey,
  runListSchema,
  systemStatusSchema,
  topic,
  traceAffinityKey,
  watchEventSchema,
} from "@plumbline/contracts";
import { modelStep } from "@plumbline/contracts/testing";
import { createServer } from "node:net";
import { request as httpRequest } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { aFinding, aRun, anAskedApproval } from "./console/rows.ts";
import { startConsole } from "./console/start-console.ts";

const pause = { verb: "pause" };

describe("reading", () => {
  it("lists runs, most recently seen first, by status and up to a limit", async () => {
    const runs = [
      aRun("a", { lastSeenAtMs: 1 }),
      aRun("b", { lastSeenAtMs: 2 }),
      aRun("c", { status: "paused" }),
    ];
    const { get } = await startConsole({ runs });
    const list = async (query: string) =>
      runListSchema.parse((await get(`${operatorPath.runs}${query}`)).body).runs.map(({ runId }) => runId);
    expect(await list("")).toEqual(["c", "b", "a"]);
    expect(await list("?status=paused")).toEqual(["c"]);
    expect(await list("?limit=1&status=running")).toEqual(["b"]);
  });

  it("tells everything of a run, by a unique prefix too", async () => {
    const steps = [modelStep(1, "hello")];
    const { get } = await startConsole({
      runs: [aRun("run-1"), aRun("other")],
      steps,
      findings: [aFinding("f-1")],
    });
    const { status, body } = await get(operatorPath.run("run"));
    const detail = runDetailSchema.parse(body);
    expect([status, detail.run.runId, detail.steps.length, detail.findings.length]).toEqual([
      200,
      "run-1",
      1,
      1,
    ]);
    expect([detail.precision["exact-loop"], detail.openStepP95Ms]).toEqual([
      { right: 3, falseAlarm: 1 },
      null,
    ]);
  });

  it("finds a run by alias and takes an exact id before longer ones", async () => {
    const { get } = await startConsole({ runs: [aRun("run-1", { aliases: ["t-abc"] }), aRun("run-12")] });
    const idOf = async (text: string) =>
      runDetailSchema.parse((await get(operatorPath.run(text))).body).run.runId;
    expect(await idOf("t-abc")).toBe("run-1");
    expect(await idOf("run-1")).toBe("run-1");
  });

  it("answers 404 with near matches for an unknown run and 409 with the candidates for an ambiguous one", async () => {
    const { get } = await startConsole({ runs: [aRun("refund-1042"), aRun("refund-1043"), aRun("weather")] });
    const unknown = await get(operatorPath.run("refnd-1042"));
    expect(unknown.status).toBe(404);
    expect(unknown.body).toMatchObject({ error: { code: "RUN_UNKNOWN" } });
    expect(JSON.stringify(unknown.body)).toContain("refund-1042");
    expect(JSON.stringify(unknown.body)).not.toContain("weather");
    const ambiguous = await get(operatorPath.run("refund"));
    expect(ambiguous).toMatchObject({ status: 409, body: { error: { code: "RUN_AMBIGUOUS" } } });
    expect(JSON.stringify(ambiguous.body)).toContain("refund-1043");
  });

  it("answers SQL, and 400 with the reason to what is not allowed", async () => {
    const { post } = await startConsole();
    expect(await post(operatorPath.sql, { query: "SELECT 1" })).toMatchObject({
      status: 200,
      body: { rows: [{ n: 1 }] },
    });
    const refused = await post(operatorPath.sql, { query: "DROP TABLE runs" });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "SQL_REJECTED" } } });
  });

  it("tells the state of its parts, health and readiness", async () => {
    const { get, url } = await startConsole();
    const status = systemStatusSchema.parse((await get(operatorPath.status)).body);
    expect(status.parts.map(({ name, healthy }) => [name, healthy])).toEqual([
      ["bus", true],
      ["store", true],
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it.each([
    ["/api/runs?limit=0", 400, "BAD_REQUEST"],
    ["/api/runs?status=sleeping", 400, "BAD_REQUEST"],
    ["/api/nothing", 404, "NOT_FOUND"],
  ])("answers %s with %i %s", async (path, status, code) => {
    const { get } = await startConsole();
    expect(await get(path)).toMatchObject({ status, body: { error: { code } } });
  });
});

describe("commands", () => {
  it("appends a pause under the run's key with who, why and when", async () => {
    const { post, commands } = await startConsole({ runs: [aRun("run-1")] });
    const { status, body } = await post(operatorPath.commands("run-1"), {
      verb: "pause",
      message: "look at this",
    });
    expect([status, body]).toEqual([202, { commandId: "command-1", gateConnected: true }]);
    expect(await commands()).toMatchObject([
      {
        key: runKey("", "run-1"),
        command: {
          verb: "pause",
          reason: "USER_PAUSED",
          issuedBy: "user:local",
          message: "look at this",
          commandId: "command-1",
        },
      },
    ]);
  });

  it.each([
    [{ verb: "kill" }, { verb: "kill", reason: "USER_KILLED" }],
    [
      { verb: "resume", say: "1042 is locked", limits: { usd: 5 } },
      { verb: "resume", say: "1042 is locked", limits: { usd: 5 } },
    ],
    [
      { verb: "nudge", text: "try another way" },
      { verb: "nudge", text: "try another way" },
    ],
    [
      { verb: "limit", limits: { steps: 9 } },
      { verb: "limit", limits: { steps: 9 } },
    ],
    [
      { verb: "approve", approvalId: "ap-1" },
      { verb: "approve", argsHash: "hash-of-arguments", editedArguments: null },
    ],
    [
      { verb: "deny", approvalId: "ap-1" },
      { verb: "deny", argsHash: "hash-of-arguments" },
    ],
  ])("appends %o", async (request, command) => {
    const { post, commands } = await startConsole({
      runs: [aRun("run-1")],
      approvals: [anAskedApproval("ap-1")],
    });
    expect((await post(operatorPath.commands("run-1"), request)).status).toBe(202);
    expect(await commands()).toMatchObject([{ command }]);
  });

  it("lets a person hold a run while the tables are away, by its whole id", async () => {
    const { post, rows, commands } = await startConsole({
      runs: [aRun("run-1")],
      approvals: [anAskedApproval("ap-1")],
    });
    rows.isAway = true;
    const { status, body } = await post(operatorPath.commands("run-1"), pause);
    expect([status, body]).toEqual([202, { commandId: "command-1", gateConnected: null }]);
    expect(await commands()).toMatchObject([{ key: runKey("", "run-1"), command: { verb: "pause" } }]);
    const approve = { verb: "approve", approvalId: "ap-1" };
    expect((await post(operatorPath.commands("run-1"), approve)).status).toBe(503);
  });

  it("asks no table before it holds a run that the log tells of", async () => {
    const { post, bus, rows, commands } = await startConsole();
    const key = traceAffinityKey("", "0af7651916cd43dd8448eb211c80319c");
    await bus.publish(topic.traceAffinity, [{ key, value: Buffer.from("run-1") }]);
    await expect
      .poll(async () => (await post(operatorPath.commands("run-1"), { verb: "kill" })).status)
      .toBe(202);
    rows.runs.push(aRun("run-1"));
    expect((await post(operatorPath.commands("run-1"), pause)).body).toMatchObject({ gateConnected: true });
    expect((await commands()).map(({ command }) => command.verb)).toEqual(["kill", "pause"]);
    const ofAnother = await post(operatorPath.commands("run-12"), { verb: "kill" });
    expect(ofAnother).toMatchObject({ status: 404, body: { error: { code: "RUN_UNKNOWN" } } });
  });

  it("says when no gate is attached", async () => {
    const { post } = await startConsole({ runs: [aRun("run-1", { gate: "none" })] });
    expect((await post(operatorPath.commands("run-1"), pause)).body).toMatchObject({ gateConnected: false });
  });

  it("answers 409 to anything but kill for a killed run, as soon as the control state says so", async () => {
    const { post, bus, commands } = await startConsole({
      runs: [aRun("run-1"), aRun("run-2", { status: "killed" })],
    });
    const payload = JSON.stringify({ ...initialDirective("", "run-1"), generation: 1, desired: "killed" });
    const value = Buffer.from(JSON.stringify({ payload, keyId: "k", algorithm: "Ed25519", signature: "s" }));
    await bus.publish(topic.controlState, [{ key: runKey("", "run-1"), value }]);
    await expect
      .poll(async () => (await post(operatorPath.commands("run-1"), { verb: "resume" })).status)
      .toBe(409);
    const refused = await post(operatorPath.commands("run-2"), { verb: "resume" });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "RUN_KILLED" } } });
    expect((await post(operatorPath.commands("run-2"), { verb: "kill" })).status).toBe(202);
    expect((await commands()).at(-1)?.command.verb).toBe("kill");
  });

  it.each([
    ["an unknown verb", { verb: "dance" }, 400, "BAD_REQUEST"],
    ["a nudge without text", { verb: "nudge", text: "" }, 400, "BAD_REQUEST"],
    ["a negative limit", { verb: "limit", limits: { usd: -1 } }, 400, "BAD_REQUEST"],
    ["no JSON", "{", 400, "BAD_REQUEST"],
    ["a body too large", { verb: "pause", message: "x".repeat(2_000_000) }, 413, "BODY_TOO_LARGE"],
    ["an unknown approval", { verb: "approve", approvalId: "ap-9" }, 404, "APPROVAL_UNKNOWN"],
  ])("refuses %s", async (...[, request, status, code]) => {
    const { post, commands } = await startConsole({ runs: [aRun("run-1")] });
    expect(await post(operatorPath.commands("run-1"), request)).toMatchObject({
      status,
      body: { error: { code } },
    });
    expect(await commands()).toEqual([]);
  });

  it("refuses a change without its header", async () => {
    const { post, commands } = await startConsole({ runs: [aRun("run-1")] });
    const answer = await post(operatorPath.commands("run-1"), pause, {});
    expect(answer).toMatchObject({ status: 403, body: { error: { code: "CHANGE_HEADER_MISSING" } } });
    expect(await commands()).toEqual([]);
  });
});

describe("approvals", () => {
  const settled = anAskedApproval("ap-2", { status: "denied", decidedBy: "user:ben", acknowledged: true });
  const rows = { runs: [aRun("run-1")], approvals: [anAskedApproval("ap-1"), settled] };

  it("lists what waits, and on request what was answered", async () => {
    const { get } = await startConsole(rows);
    const list = async (query: string) =>
      approvalListSchema
        .parse((await get(`${operatorPath.approvals}${query}`)).body)
        .approvals.map(({ request }) => request.approvalId);
    expect(await list("")).toEqual(["ap-1"]);
    expect(await list("?pending=false&run=run-1")).toEqual(["ap-1", "ap-2"]);
  });

  it("takes an answer by the approval's id alone, with edited arguments", async () => {
    const { post, commands } = await startConsole(rows);
    const answer = { decision: "approve", editedArguments: '{"amount":1}' };
    expect((await post(operatorPath.approval("ap-1"), answer)).status).toBe(202);
    expect(await commands()).toMatchObject([
      {
        command: {
          verb: "approve",
          runId: "run-1",
          approvalId: "ap-1",
          argsHash: "hash-of-arguments",
          editedArguments: '{"amount":1}',
        },
      },
    ]);
  });

  it("takes no answer to what is settled, unknown or ambiguous", async () => {
    const { post, commands } = await startConsole(rows);
    const deny = { decision: "deny" };
    expect(await post(operatorPath.approval("ap-2"), deny)).toMatchObject({
      status: 409,
      body: { error: { code: "APPROVAL_SETTLED" } },
    });
    expect((await post(operatorPath.approval("ap-9"), deny)).status).toBe(404);
    expect((await post(operatorPath.approval("ap-"), deny)).status).toBe(409);
    expect(await commands()).toEqual([]);
  });
});

describe("feedback", () => {
  it("keeps what a person says of a finding", async () => {
    const { post, store } = await startConsole({ findings: [aFinding("f-1")] });
    const { status, body } = await post(operatorPath.feedback("f-1"), {
      verdict: "false-alarm",
      comment: "a poll",
    });
    expect([status, body]).toMatchObject([
      201,
      { findingId: "f-1", runId: "run-1", by: "user:local", verdict: "false-alarm" },
    ]);
    expect(store.inserted).toMatchObject([{ table: "feedback", item: { comment: "a poll" } }]);
  });

  it("answers 404 to an unknown finding", async () => {
    const { post } = await startConsole();
    const answer = await post(operatorPath.feedback("f-9"), { verdict: "right" });
    expect(answer).toMatchObject({ status: 404, body: { error: { code: "FINDING_UNKNOWN" } } });
  });
});

describe("watching", () => {
  async function openWatch(url: string) {
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    const response = await fetch(url, { signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    return {
      status: response.status,
      abort: () => abort.abort(),
      async next() {
        while (!/data: .*\n\n/.test(text)) {
          const part = await reader?.read();
          if (part === undefined || part.done) return undefined;
          text += part.value;
        }
        const [, data = "", rest = ""] = /data: (.*)\n\n([^]*)/.exec(text) ?? [];
        text = rest;
        return watchEventSchema.parse(JSON.parse(data));
      },
    };
  }

  it("shows what is there, then each change", async () => {
    const { url, rows } = await startConsole({ runs: [aRun("run-1")] });
    const watch = await openWatch(`${url}${operatorPath.watch}`);
    expect(await watch.next()).toMatchObject({ type: "run", run: { runId: "run-1", status: "running" } });
    rows.findings = [aFinding("f-1", { raisedAtMs: Date.now() })];
    expect(await watch.next()).toMatchObject({ type: "finding", finding: { findingId: "f-1" } });
    rows.runs = [aRun("run-1", { status: "paused", revision: 2 })];
    expect(await watch.next()).toMatchObject({ type: "run", run: { status: "paused" } });
  });

  it("shows the steps of one run and nothing of others", async () => {
    const { url, rows } = await startConsole({
      runs: [aRun("run-1"), aRun("run-2")],
      steps: [modelStep(1, "a")],
    });
    const watch = await openWatch(`${url}${operatorPath.watch}?run=run-1`);
    expect(await watch.next()).toMatchObject({ type: "step", step: { sequence: 1 } });
    expect(await watch.next()).toMatchObject({ type: "run", run: { runId: "run-1" } });
    rows.runs = [aRun("run-1"), aRun("run-2", { revision: 2 })];
    rows.steps = [modelStep(1, "a"), modelStep(2, "b")];
    expect(await watch.next()).toMatchObject({ type: "step", step: { sequence: 2 } });
  });

  it("ends when the console closes, and frees its place when the client goes away", async () => {
    const { url, close } = await startConsole({}, { maxWatchers: 1 });
    const first = await openWatch(`${url}${operatorPath.watch}`);
    expect((await fetch(`${url}${operatorPath.watch}`)).status).toBe(503);
    first.abort();
    await expect.poll(async () => (await openWatch(`${url}${operatorPath.watch}`)).status).toBe(200);
    await expect(close()).resolves.toBeUndefined();
  });
});

describe("who may do what", () => {
  const token = (name: string, role: "viewer" | "operator" | "admin", tenantId = "") => ({
    name,
    token: `the-secret-of-${name}`,
    tenantId,
    roles: [role],
  });
  const as = (name: string) => ({ authorization: `Bearer the-secret-of-${name}`, "plumbline-request": "1" });
  const tokens = [token("vera", "viewer"), token("otto", "operator"), token("mia", "operator", "shop")];

  it("lets a viewer read and not act, an operator do both, each in their tenant", async () => {
    const runs = [aRun("run-1"), aRun("shop-run", { tenantId: "shop" })];
    const { get, post, commands } = await startConsole({ runs }, { tokens });
    expect((await get(operatorPath.runs, as("vera"))).status).toBe(200);
    expect((await post(operatorPath.commands("run-1"), pause, as("vera"))).status).toBe(403);
    expect((await post(operatorPath.commands("run-1"), pause, as("otto"))).status).toBe(202);
    expect((await post(operatorPath.commands("run-1"), pause, as("mia"))).status).toBe(404);
    expect((await post(operatorPath.commands("shop-run"), pause, as("mia"))).status).toBe(202);
    expect(
      (await commands()).map(({ command }) => command.issuedBy).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(["user:mia", "user:otto"]);
  });

  it("lets SQL see the rows of the caller's tenant where there are several, else all", async () => {
    const several = await startConsole({}, { tokens: [...tokens, token("ada", "admin")] });
    const one = await startConsole({}, { tokens: [token("vera", "viewer")] });
    for (const name of ["mia", "vera", "ada"])
      await several.post(operatorPath.sql, { query: "SELECT 1" }, as(name));
    await one.post(operatorPath.sql, { query: "SELECT 1" }, as("vera"));
    expect(several.store.askedFor).toEqual(["shop", "", ""]);
    expect(one.store.askedFor).toEqual([undefined]);
  });

  it("refuses no token and a wrong one", async () => {
    const { get } = await startConsole({}, { tokens });
    expect((await get(operatorPath.runs)).status).toBe(401);
    expect((await get(operatorPath.runs, as("nobody"))).status).toBe(401);
  });

  it("refuses a foreign page and a rebound host name where there is no token", async () => {
    const { get, url } = await startConsole();
    expect((await get(operatorPath.runs, { origin: "https://evil.example" })).status).toBe(403);
    const rebound = await new Promise((resolve, reject) => {
      httpRequest(`${url}${operatorPath.runs}`, { headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(rebound).toBe(403);
  });
});

it("names port and setting when the port is in use", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  await expect(startConsole({}, { port })).rejects.toThrow(/is in use.*listen\.apiPort/);
});
