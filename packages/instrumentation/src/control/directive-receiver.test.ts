import { type Directive, initialDirective } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { RunRegistry } from "../run/run-registry.ts";
import type { AckDetails } from "./ack-reporter.ts";
import { DirectiveReceiver } from "./directive-receiver.ts";
import type { KeyRing } from "./trusted-keys.ts";

const keys: KeyRing = {
  knows: (keyId) => keyId === "k",
  holds: (_, payload, signature) => signature === `signed:${payload}`,
};

function envelope(directive: Directive, change: object = {}): string {
  const payload = JSON.stringify(directive);
  return JSON.stringify({
    payload,
    keyId: "k",
    algorithm: "Ed25519",
    signature: `signed:${payload}`,
    ...change,
  });
}

function setUp() {
  const runs = new RunRegistry({
    tenantId: "",
    maxImplicitRuns: 9,
    onChanged: () => undefined,
    onMove: () => undefined,
  });
  const run = runs.start(
    {
      runId: "r",
      agentName: "a",
      goal: "",
      conversationId: null,
      parent: undefined,
      limits: {},
      onPause: "wait",
      onControlLost: "continue",
      implicit: false,
    },
    0,
  );
  const acks: string[] = [];
  const reporter = {
    ack: (_: unknown, details: AckDetails) => acks.push(`${details.phase} ${String(details.generation)}`),
  };
  const receiver = new DirectiveReceiver({ runs, keys, acks: reporter, tenantId: "" });
  const directive = (generation: number, change: Partial<Directive> = {}): Directive => ({
    ...initialDirective("", "r"),
    generation,
    ...change,
  });
  return { run, receiver, acks, directive };
}

describe("a directive", () => {
  it("that is newer is obeyed and acked once, the same one again is nothing", () => {
    const { run, receiver, acks, directive } = setUp();
    const paused = envelope(directive(1, { desired: "paused" }));
    expect(receiver.receive(paused)).toBe("r");
    receiver.receive(paused);
    receiver.receive(envelope(directive(2)));
    expect(run.directive.generation).toBe(2);
    expect(acks).toEqual(["received 1", "received 2", "applied 2"]);
  });

  it("that only an ack changed is taken over in silence", () => {
    const { run, receiver, acks, directive } = setUp();
    receiver.receive(envelope(directive(1, { nudges: [{ id: "n", text: "t" }] })));
    const before = acks.length;
    receiver.receive(envelope(directive(2)));
    expect(run.directive.nudges).toEqual([]);
    expect(acks).toHaveLength(before);
  });

  it("that is older is ignored, counted, and its rejection told once", () => {
    const { run, receiver, acks, directive } = setUp();
    receiver.receive(envelope(directive(5)));
    receiver.receive(envelope(directive(4, { desired: "killed" })));
    receiver.receive(envelope(directive(4, { desired: "killed" })));
    expect(run.killed).toBeUndefined();
    expect(receiver.rejections.get("it is older than the one in force")).toBe(2);
    expect(acks.filter((ack) => ack.startsWith("rejected"))).toEqual(["rejected 4"]);
  });

  it.each([
    ["of an unknown key", { keyId: "other" }],
    ["with a wrong signature", { signature: "signed:something else" }],
    ["without a signature", { signature: undefined }],
  ])("%s is not obeyed", (_, change) => {
    const { run, receiver, directive } = setUp();
    expect(receiver.receive(envelope(directive(1, { desired: "killed" }), change))).toBeUndefined();
    expect(run.directive.generation).toBe(0);
    expect([...receiver.rejections.values()]).toEqual([1]);
  });

  it("for another run or another tenant is not obeyed", () => {
    const { run, receiver, directive } = setUp();
    receiver.receive(envelope({ ...directive(1), runId: "r-2" }));
    receiver.receive(envelope({ ...directive(1), tenantId: "t-2" }));
    expect(run.directive.generation).toBe(0);
    expect(receiver.rejections.get("it is for another run")).toBe(2);
  });

  it("that is no directive at all is counted", () => {
    const { receiver } = setUp();
    for (const data of ["", "{", "null", "[]", "{}", '{"payload":1}']) receiver.receive(data);
    expect(receiver.rejections.get("not a signed directive")).toBe(6);
  });

  it("after a kill changes nothing any more", () => {
    const { run, receiver, directive } = setUp();
    receiver.receive(envelope(directive(1, { desired: "killed", reason: "USER_KILLED", message: "stop" })));
    receiver.receive(envelope(directive(2)));
    expect(run.directive.desired).toBe("killed");
    expect(run.killed?.why).toBe("stop");
  });
});
