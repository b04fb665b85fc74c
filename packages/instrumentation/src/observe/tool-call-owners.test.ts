import type { Message } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { RunRecord } from "../run/run-record.ts";
import { ToolCallOwners } from "./tool-call-owners.ts";

const runOf = (runId: string): RunRecord =>
  new RunRecord(
    {
      runId,
      agentName: "finder",
      goal: "",
      conversationId: null,
      parent: undefined,
      limits: {},
      onPause: "wait",
      onControlLost: "continue",
      implicit: true,
    },
    { tenantId: "", startedAtMs: 0, onMove: () => undefined },
  );
const asking = (id: string, args: unknown): Message[] => [
  { role: "assistant", parts: [{ type: "tool_call", id, name: "find", arguments: args }] },
];

describe("a tool call", () => {
  const [ada, bob] = [runOf("ada"), runOf("bob")];

  it("belongs to the run whose model asked for it, by its id or by its arguments in any order", () => {
    const owners = new ToolCallOwners();
    owners.rememberAll(ada, asking("call-1", { q: "x", limit: 1 }));
    expect(owners.of("call-1")).toBe(ada);
    expect(owners.ofCall("find", { limit: 1, q: "x" })).toBe(ada);
    expect(owners.of("call-2")).toBeUndefined();
    expect(owners.ofCall("find", { q: "y" })).toBeUndefined();
  });

  it("belongs to nobody when two runs ask for the same", () => {
    const owners = new ToolCallOwners();
    owners.rememberAll(ada, asking("call-1", { q: "x" }));
    owners.rememberAll(bob, asking("call-2", { q: "x" }));
    expect(owners.ofCall("find", { q: "x" })).toBeUndefined();
    owners.rememberAll(ada, asking("call-3", { q: "x" }));
    expect(owners.ofCall("find", { q: "x" })).toBeUndefined();
    expect(owners.of("call-2")).toBe(bob);
  });
});
