import { isTerminal, mayMove, type RunStatus, runStatuses } from "@plumbline/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunLifecycle, type RunMove } from "./run-lifecycle.ts";

const person = { stopReason: "USER_PAUSED", message: "hold on" } as const;
const approval = { stopReason: null, message: "refund needs a person" } as const;
const done = { stopReason: "COMPLETED", message: "" } as const;

function lifecycle(initial: "queued" | "running" = "running") {
  const moves: RunMove[] = [];
  const run = new RunLifecycle("r-1", initial, (move) => moves.push(move));
  return { run, moves, path: () => moves.map(({ from, to }) => `${from} → ${to}`) };
}

describe("the state machine of a run", () => {
  it("refuses a move that the table does not have and names both states", () => {
    const { run, moves } = lifecycle("queued");
    expect(() => run.move("completed")).toThrow("Run r-1 can't go from queued to completed.");
    expect(run.status).toBe("queued");
    expect(moves).toEqual([]);
  });

  it.each(["completed", "failed", "killed"] as const)("stays %s once it is", (end) => {
    const { run } = lifecycle();
    run.end(end, done);
    for (const next of runStatuses) expect(() => run.move(next)).toThrow(`from ${end} to ${next}`);
    run.hold("paused", person);
    expect(run.status).toBe(end);
  });

  it("tells every move with its reason", () => {
    const { run, moves } = lifecycle();
    const release = run.hold("paused", person);
    release();
    expect(moves).toEqual([
      { from: "running", to: "paused", ...person },
      { from: "paused", to: "running", stopReason: null, message: "" },
    ]);
  });

  it("is held until the last held call goes on", () => {
    const { run } = lifecycle();
    const first = run.hold("awaiting_approval", approval);
    const second = run.hold("awaiting_approval", approval);
    first();
    first();
    expect(run.status).toBe("awaiting_approval");
    second();
    expect(run.status).toBe("running");
  });

  it("shows a pause before an approval, and the approval again after it", () => {
    const { run, path } = lifecycle();
    run.hold("awaiting_approval", approval);
    const resume = run.hold("paused", person);
    resume();
    expect(path()).toEqual([
      "running → awaiting_approval",
      "awaiting_approval → paused",
      "paused → running",
      "running → awaiting_approval",
    ]);
  });

  it("ends a held run by way of stopping", () => {
    const { run, path } = lifecycle();
    run.hold("paused", person);
    run.end("completed", done);
    expect(path()).toEqual(["running → paused", "paused → stopping", "stopping → completed"]);
  });

  it("leaves a run that ends as paused where it is", () => {
    const { run, path } = lifecycle();
    run.hold("paused", person);
    run.end("paused", person);
    expect(path()).toEqual(["running → paused"]);
  });

  it("only ever makes moves of the table, whatever happens to it", () => {
    const action = fc.oneof(
      fc.record({ type: fc.constantFrom("paused" as const, "awaiting_approval" as const) }),
      fc.record({ type: fc.constant("release" as const), index: fc.nat(5) }),
      fc.record({ type: fc.constant("stopping" as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        const { run, moves } = lifecycle();
        const releases: (() => void)[] = [];
        for (const one of actions) {
          if (one.type === "release") releases[one.index]?.();
          else if (one.type === "stopping") run.stopping(person);
          else releases.push(run.hold(one.type, approval));
        }
        run.end("completed", done);
        let status: RunStatus = "running";
        for (const { from, to } of moves) {
          expect(from).toBe(status);
          expect(mayMove(from, to)).toBe(true);
          status = to;
        }
        expect(isTerminal(run.status)).toBe(true);
      }),
    );
  });
});
