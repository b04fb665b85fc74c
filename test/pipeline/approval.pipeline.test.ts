import {
  ApprovalDeniedError,
  type Run,
  RunKilledError,
  RunPausedError,
  supervise,
  type SuperviseOptions,
} from "@plumbline/instrumentation";
import type { ApprovalDecision, ApprovalRequest } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents } from "./support/serve-agents.ts";

const server = await serveAgents();

const call = (args: object, name = "refund") => ({
  id: "call_1",
  function: { name, arguments: JSON.stringify(args) },
});

interface RefundTool {
  performed: unknown[];
  keys: string[];
  declared?: object;
}

function addRefund(run: Run, { performed, keys, declared }: RefundTool): void {
  run.tool({
    name: "refund",
    description: "Pays money back.",
    parameters: z.object({ order: z.number(), amount: z.number().max(100) }),
    risk: "high",
    ...declared,
    expectedOutcome: ({ amount }) => `The customer gets ${String(amount)} back.`,
    execute(input, { idempotencyKey }) {
      performed.push(input);
      keys.push(idempotencyKey);
      return "refunded";
    },
  });
}

const newTool = (declared: object = {}): RefundTool => ({ performed: [], keys: [], declared });

async function refund(
  options: SuperviseOptions,
  tool: RefundTool,
  args: object = { order: 1042, amount: 30 },
) {
  return supervise(options, async (run) => {
    addRefund(run, tool);
    const [answer] = await run.execute([call(args)]);
    return answer?.content ?? "";
  });
}

const requests = (runId: string): ApprovalRequest[] =>
  server.eventsOf("plumbline.approval.request", runId).map(({ request }) => request);
async function requestOf(runId: string): Promise<ApprovalRequest> {
  await server.waitFor(`${runId} asks`, () => requests(runId).length > 0);
  return requests(runId).at(-1) as ApprovalRequest;
}

function answer(request: ApprovalRequest, given: Partial<ApprovalDecision> = {}): void {
  const decision: ApprovalDecision = {
    decision: "approved",
    argsHash: request.argsHash,
    by: "user:ana",
    editedArguments: null,
    message: "",
    decidedAtMs: request.requestedAtMs + 1,
    ...given,
  };
  server.direct(request.runId, { approvals: { [request.approvalId]: decision } });
}

const approvalAcks = (runId: string) =>
  server
    .eventsOf("plumbline.ack", runId)
    .map(({ ack }) => ack)
    .filter(({ subject }) => subject.kind === "approval");

const fromHigh = { from: "high" } as const;

describe("an action that needs approval", () => {
  it("waits, shows what a decision needs, and is done after a yes", async () => {
    const tool = newTool();
    const done = refund({ name: "r", goal: "Refund 1042", runId: "ap-yes", approvals: fromHigh }, tool);
    const request = await requestOf("ap-yes");
    expect(request).toMatchObject({
      toolName: "refund",
      arguments: '{"order":1042,"amount":30}',
      expectedOutcome: "The customer gets 30 back.",
      risk: "high",
      reversible: false,
      defaultDecision: "deny",
      wasInFlight: false,
      context: { goal: "Refund 1042", steps: 1 },
    });
    expect(tool.performed).toEqual([]);
    await server.waitFor("the run is shown as waiting", () =>
      server.eventsOf("plumbline.run.state", "ap-yes").some(({ to }) => to === "awaiting_approval"),
    );
    answer(request);
    expect(await done).toBe("refunded");
    await server.waitFor("it was acked", () => approvalAcks("ap-yes").length > 0);
    expect(approvalAcks("ap-yes")).toMatchObject([{ phase: "applied", detail: "approved by user:ana" }]);
  });

  it("is not done after a no, and the model gets to read why", async () => {
    const tool = newTool();
    const done = refund({ name: "r", runId: "ap-no", approvals: fromHigh }, tool);
    answer(await requestOf("ap-no"), { decision: "denied", message: "she was paid yesterday" });
    expect(await done).toMatch(
      /^Error: APPROVAL_DENIED: refund was not allowed by user:ana: she was paid yesterday/u,
    );
    expect(tool.performed).toEqual([]);
  });

  it("stops the run after a no where that is declared", async () => {
    const done = refund(
      { name: "r", runId: "ap-stop", approvals: { ...fromHigh, onDenied: "stop" } },
      newTool(),
    );
    answer(await requestOf("ap-stop"), { decision: "denied", message: "no" });
    await expect(done).rejects.toThrow(ApprovalDeniedError);
    await server.waitFor("the end is told", () => server.eventsOf("plumbline.run.end", "ap-stop").length > 0);
    expect(server.eventsOf("plumbline.run.end", "ap-stop")).toMatchObject([
      { stopReason: "APPROVAL_DENIED" },
    ]);
  });

  it("is done with the arguments that a person put in, under a key of their own", async () => {
    const tool = newTool();
    const first = newTool();
    const plain = refund({ name: "r", runId: "ap-edit", approvals: fromHigh }, tool);
    answer(await requestOf("ap-edit"), { editedArguments: '{"order":1042,"amount":10}' });
    expect(await plain).toBe("refunded");
    expect(tool.performed).toEqual([{ order: 1042, amount: 10 }]);
    await refund({ name: "r", runId: "ap-plain" }, first);
    expect(tool.keys).not.toEqual(first.keys);
  });

  it("goes on waiting when the edited arguments don't fit, or the answer was for other arguments", async () => {
    const tool = newTool();
    const done = refund({ name: "r", runId: "ap-wrong", approvals: fromHigh }, tool);
    const request = await requestOf("ap-wrong");
    answer(request, { editedArguments: '{"order":1042,"amount":1000}' });
    await server.waitFor("the first was refused", () => approvalAcks("ap-wrong").length === 1);
    answer(request, { argsHash: "args-of-something-else" });
    await server.waitFor("both were refused", () => approvalAcks("ap-wrong").length === 2);
    expect(approvalAcks("ap-wrong").map(({ phase, detail }) => `${phase}: ${detail}`)).toEqual([
      expect.stringMatching(/^rejected: the edited arguments don't fit refund/u),
      "rejected: the answer was given for other arguments",
    ]);
    expect(tool.performed).toEqual([]);
    answer(request);
    expect(await done).toBe("refunded");
  });

  it("is aborted by a kill while it waits", async () => {
    const tool = newTool();
    const done = refund({ name: "r", runId: "ap-kill", approvals: fromHigh }, tool);
    await requestOf("ap-kill");
    server.direct("ap-kill", { desired: "killed", reason: "USER_KILLED" });
    await expect(done).rejects.toThrow(RunKilledError);
    expect(tool.performed).toEqual([]);
  });

  it("acks an answer that comes after the question was settled as expired", async () => {
    await supervise({ name: "r", runId: "ap-late", approvals: fromHigh }, async (run) => {
      addRefund(run, newTool());
      const done = run.execute([call({ order: 1, amount: 1 })]);
      const request = await requestOf("ap-late");
      answer(request, { decision: "denied" });
      await done;
      answer(request, { by: "user:ben", decidedAtMs: request.requestedAtMs + 5 });
      await server.waitFor("the late answer was acked", () => approvalAcks("ap-late").length === 2);
      expect(approvalAcks("ap-late")[1]).toMatchObject({
        phase: "expired",
        detail: "it was settled before: denied by user:ana",
      });
    });
  });
});

describe("a question that outlives its process", () => {
  const approvals = { from: "high", timeoutMs: 300 } as const;

  /** Asks, is paused to exit, and comes back when the deadline is over; `given` is answered while it was away. */
  async function comeBack(runId: string, tool: RefundTool, given: (request: ApprovalRequest) => number) {
    const away = refund({ name: "r", runId, approvals, onPause: "exit" }, tool);
    const request = await requestOf(runId);
    server.direct(runId, { desired: "paused", reason: "USER_PAUSED" });
    await expect(away).rejects.toThrow(RunPausedError);
    server.direct(runId, { desired: "running", reason: null });
    answer(request, { decidedAtMs: given(request) });
    await server.waitFor("the deadline is over", () => Date.now() > request.expiresAtMs);
    const result = await refund({ name: "r", resume: runId, approvals }, tool);
    expect(requests(runId).map(({ approvalId, expiresAtMs }) => [approvalId, expiresAtMs])).toEqual(
      requests(runId).map(() => [request.approvalId, request.expiresAtMs]),
    );
    return result;
  }

  it("is the same one afterwards, and an answer given in time counts", async () => {
    const tool = newTool();
    expect(await comeBack("ap-away", tool, ({ expiresAtMs }) => expiresAtMs - 1)).toBe("refunded");
    expect(tool.performed).toHaveLength(1);
  });

  it("takes no answer that was given after its deadline", async () => {
    const tool = newTool();
    expect(await comeBack("ap-over", tool, ({ expiresAtMs }) => expiresAtMs + 1)).toContain(
      "APPROVAL_TIMEOUT",
    );
    expect(tool.performed).toEqual([]);
    await server.waitFor("it was acked", () => approvalAcks("ap-over").length > 0);
    expect(approvalAcks("ap-over")[0]).toMatchObject({
      phase: "expired",
      detail: "the answer came after the deadline",
    });
  });
});

describe("when nobody answers", () => {
  const quick = { from: "high", timeoutMs: 30 } as const;

  it("the action is denied by default, as text for the model", async () => {
    const tool = newTool();
    expect(await refund({ name: "r", runId: "ap-silent", approvals: quick }, tool)).toContain(
      "APPROVAL_TIMEOUT",
    );
    expect(tool.performed).toEqual([]);
    await server.waitFor("it was acked", () => approvalAcks("ap-silent").length > 0);
    expect(approvalAcks("ap-silent")).toMatchObject([{ phase: "expired" }]);
  });

  it("a run that stopped for it asks anew when it is resumed", async () => {
    const stop = { ...quick, onDenied: "stop" } as const;
    const tool = newTool();
    await expect(refund({ name: "r", runId: "ap-anew", approvals: stop }, tool)).rejects.toMatchObject({
      reason: "APPROVAL_TIMEOUT",
    });
    const done = refund({ name: "r", resume: "ap-anew", approvals: fromHigh }, tool);
    await server.waitFor("it asks again", () => requests("ap-anew").length === 2);
    const [first, second] = requests("ap-anew");
    expect(second?.approvalId).not.toBe(first?.approvalId);
    answer(second as ApprovalRequest);
    expect(await done).toBe("refunded");
  });

  it("a reversible action is approved where that is declared, an irreversible one never", async () => {
    const approvals = { ...quick, onTimeout: "approve-reversible" } as const;
    const soft = newTool({ reversible: true });
    expect(await refund({ name: "r", runId: "ap-soft", approvals }, soft)).toBe("refunded");
    const hard = newTool();
    expect(await refund({ name: "r", runId: "ap-hard", approvals }, hard)).toContain("APPROVAL_TIMEOUT");
    expect([soft.performed.length, hard.performed.length]).toEqual([1, 0]);
  });
});

describe("a decider in the process", () => {
  it("answers without any server, and sees the arguments as they are", async () => {
    const tool = newTool();
    const seen: unknown[] = [];
    const approvals = {
      ...fromHigh,
      decide: (request: ApprovalRequest, { input }: { input: unknown }) => {
        seen.push([request.toolName, input]);
        return { decision: "approved", by: "on-call", editedArguments: { order: 1042, amount: 5 } } as const;
      },
    };
    expect(await refund({ name: "r", runId: "ap-here", approvals }, tool)).toBe("refunded");
    expect(seen).toEqual([["refund", { order: 1042, amount: 30 }]]);
    expect(tool.performed).toEqual([{ order: 1042, amount: 5 }]);
  });

  it("that fails or says nothing leaves the question to people", async () => {
    const decide = () => {
      throw new Error("no terminal");
    };
    const done = refund({ name: "r", runId: "ap-broken", approvals: { ...fromHigh, decide } }, newTool());
    answer(await requestOf("ap-broken"));
    expect(await done).toBe("refunded");
  });
});

describe("what is asked about", () => {
  const levels = ["safe", "low", "medium", "high", undefined] as const;
  it.each([
    ["none", []],
    ["high", ["high", undefined]],
    ["medium", ["medium", "high", undefined]],
    ["safe", [...levels]],
  ] as const)("from %s on", async (from, expected) => {
    const asked: unknown[] = [];
    const decide = ({ toolName }: ApprovalRequest) => {
      asked.push(levels[Number(toolName.slice(1))]);
      return { decision: "approved" } as const;
    };
    await supervise({ name: "r", approvals: { from, decide } }, async (run) => {
      for (const [index, risk] of levels.entries()) {
        const name = `t${String(index)}`;
        const declared = risk === undefined ? {} : { risk };
        run.tool({ name, parameters: z.object({}), ...declared, execute: () => "ok" });
        await run.execute([call({}, name)]);
      }
    });
    expect(asked).toEqual(expected);
  });

  it("is the same for a run inside another one", async () => {
    const asked: string[] = [];
    const decide = ({ runId }: ApprovalRequest) => {
      asked.push(runId);
      return { decision: "denied" } as const;
    };
    const tool = newTool();
    await supervise({ name: "r", approvals: { ...fromHigh, decide } }, () =>
      refund({ name: "sub", runId: "ap-child" }, tool),
    );
    expect([asked, tool.performed]).toEqual([["ap-child"], []]);
  });

  it("is nothing by default but what a tool asks for by itself", async () => {
    const asked: string[] = [];
    const decide = ({ toolName }: ApprovalRequest) => {
      asked.push(toolName);
      return { decision: "approved" } as const;
    };
    await supervise({ name: "r", approvals: { decide } }, async (run) => {
      const tool = (name: string, more: object) =>
        run.tool({ name, parameters: z.object({}), ...more, execute: () => "ok" });
      tool("plain", {});
      tool("asks", { approval: "ask", risk: "low" });
      await run.execute([call({}, "plain"), call({}, "asks")]);
    });
    expect(asked).toEqual(["asks"]);
  });
});
