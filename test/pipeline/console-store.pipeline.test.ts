import { createMemoryBus } from "@plumbline/bus";
import { consoleSettingsSchema, createConsole } from "@plumbline/console";
import {
  changeHeader,
  operatorPath,
  runDetailSchema,
  runListSchema,
  systemClock,
  systemIds,
  topicSpecs,
} from "@plumbline/contracts";
import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { createChdbStore } from "@plumbline/store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFinding, aRun, anApproval } from "./console/rows.ts";

let url = "";
let tearDown: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-console-"));
  const store = await createChdbStore({ directory });
  await store.migrate();
  const now = systemClock.nowMs();
  await store.insert("runs", [aRun("run-1", { revision: 1 }), aRun("run-2", { status: "paused" })], "runs-1");
  await store.insert(
    "runs",
    [aRun("run-1", { revision: 2, pendingApprovalIds: ["ap-1"], lastSeenAtMs: now })],
    "runs-2",
  );
  await store.insert("steps", [modelStep(1, "hello"), toolStep(2, { name: "search" })], "steps-1");
  await store.insert("findings", [aFinding("f-1", { firstAtMs: now, raisedAtMs: now })], "findings-1");
  await store.insert("approvals", [anApproval("ap-1", { expiresAtMs: now + 600_000 })], "approvals-1");
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(1));
  const settings = consoleSettingsSchema.parse({ port: 0, drainMs: 200 });
  const operatorApi = createConsole({ bus, store, clock: systemClock, ids: systemIds, settings });
  const { port } = await operatorApi.listen();
  url = `http://127.0.0.1:${String(port)}`;
  tearDown = async () => {
    await operatorApi.close();
    await bus.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
});

afterAll(() => tearDown());

const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", [changeHeader]: "1" },
    body: JSON.stringify(body),
  });

describe("the operator API over the tables", () => {
  it("lists the newest version of each run", async () => {
    const { runs } = runListSchema.parse(await get(operatorPath.runs));
    expect(runs.map(({ runId, revision }) => [runId, revision])).toEqual([
      ["run-1", 2],
      ["run-2", 1],
    ]);
    const paused = runListSchema.parse(await get(`${operatorPath.runs}?status=paused`));
    expect(paused.runs.map(({ runId }) => runId)).toEqual(["run-2"]);
  });

  it("tells a run with steps and findings, and what people said of such findings", async () => {
    expect((await post(operatorPath.feedback("f-1"), { verdict: "right" })).status).toBe(201);
    const detail = runDetailSchema.parse(await get(operatorPath.run("run-1")));
    expect(detail.steps.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, "model"],
      [2, "tool"],
    ]);
    expect(detail.findings).toMatchObject([{ findingId: "f-1", confidence: 0.97 }]);
    expect(detail.precision["exact-loop"]).toEqual({ right: 1, falseAlarm: 0 });
  });

  it("answers an approval with the hash of the arguments that were asked about", async () => {
    expect((await post(operatorPath.commands("run-1"), { verb: "approve", approvalId: "ap-1" })).status).toBe(
      202,
    );
    expect((await post(operatorPath.commands("run-1"), { verb: "approve", approvalId: "ap-2" })).status).toBe(
      404,
    );
  });

  it.each(["run'; DROP TABLE plumbline.runs; --", "\u0000", "%", "🙂", "a/b"])(
    "finds no run called %j",
    async (text) => {
      expect((await fetch(`${url}${operatorPath.run(text)}`)).status).toBe(404);
    },
  );
});
