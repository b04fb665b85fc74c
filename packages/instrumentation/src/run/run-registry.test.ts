import { type Directive, initialDirective } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { RunKilledError } from "../errors.ts";
import type { RunDeclaration, RunRecord } from "./run-record.ts";
import { RunRegistry } from "./run-registry.ts";

const declaration = (runId: string, more: Partial<RunDeclaration> = {}): RunDeclaration => ({
  runId,
  agentName: "a",
  goal: "",
  conversationId: null,
  parent: undefined,
  limits: { steps: 10 },
  onPause: "wait",
  onControlLost: "continue",
  implicit: true,
  ...more,
});
const registry = (maxImplicitRuns = 3) =>
  new RunRegistry({ tenantId: "", maxImplicitRuns, onChanged: () => undefined, onMove: () => undefined });
const killOf = (run: RunRecord): Directive => ({
  ...initialDirective("", run.runId),
  generation: 1,
  desired: "killed",
  reason: "USER_KILLED",
});

describe("the runs of a process", () => {
  it("lets the longest idle recognised run give way, never a supervised one or one with an open call", () => {
    const runs = registry(4);
    const open = runs.start(declaration("open"), 0);
    open.openCalls.add({ abort: () => undefined });
    runs.start(declaration("supervised", { implicit: false }), 0);
    const idle = runs.start(declaration("idle"), 0);
    runs.start(declaration("idlest"), 0);
    runs.touch(idle, 1);
    runs.start(declaration("new"), 2);
    expect(runs.ids()).not.toContain("idlest");
    expect(runs.ids()).toEqual(expect.arrayContaining(["open", "supervised", "idle"]));
  });

  it("keeps a killed run killed when its id comes back", () => {
    const runs = registry();
    const run = runs.start(declaration("r"), 0);
    run.obey(killOf(run));
    runs.end(run);
    expect(runs.ids()).toEqual([]);
    expect(runs.start(declaration("r"), 1).killed).toBeInstanceOf(RunKilledError);
  });
});

describe("a kill", () => {
  it("aborts the open calls of the run and of its children, and no others", () => {
    const runs = registry();
    const parent = runs.start(declaration("parent"), 0);
    const child = runs.start(declaration("child", { parent }), 0);
    const other = runs.start(declaration("other"), 0);
    const aborted: string[] = [];
    for (const run of [parent, child, other]) run.openCalls.add({ abort: () => aborted.push(run.runId) });
    parent.obey(killOf(parent));
    expect(aborted).toEqual(["parent", "child"]);
    expect(child.killInForce()).toBe(parent.killed);
    expect(other.killInForce()).toBeUndefined();
  });
});

describe("limits", () => {
  it("of the directive stand over the declared ones, one by one", () => {
    const run = registry().start(declaration("r"), 0);
    run.obey({ ...initialDirective("", "r"), generation: 1, limits: { usd: 5 } });
    expect(run.limits()).toEqual({ steps: 10, usd: 5 });
  });
});
