import { createMemoryBus } from "@plumbline/bus";
import { type Directive, initialDirective, topic, topicSpecs } from "@plumbline/contracts";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { DirectiveRepair, followControlState } from "./directive-repair.ts";

const directive = (generation: number): Directive => ({ ...initialDirective("", "run-1"), generation });

describe("an older directive that comes to stand last", () => {
  it("is replaced by the owner's own, unless a newer one follows by itself", () => {
    const repair = new DirectiveRepair((key) => (key === "run-1" ? directive(8) : undefined));
    repair.seen("run-1", 6);
    expect(repair.due()).toEqual([]);
    repair.seen("run-1", 8);
    expect(repair.due()).toEqual([]);
    repair.seen("run-1", 6);
    repair.due();
    expect(repair.due()).toEqual([directive(8)]);
    repair.seen("run-1", 8);
    expect(repair.due()).toEqual([]);
  });

  it("is no fault when it is as new as the owner's, newer, or of a run that nobody owns here", () => {
    const repair = new DirectiveRepair((key) => (key === "run-1" ? directive(8) : undefined));
    for (const generation of [8, 9]) repair.seen("run-1", generation);
    repair.seen("run-2", 1);
    repair.due();
    expect(repair.due()).toEqual([]);
  });
});

describe("following control state", () => {
  it("tells each partition's generations from now on; what can't be read is older than all", async () => {
    const bus = createMemoryBus();
    await bus.createTopics(topicSpecs(2));
    const publish = (partition: number, key: string, text: string) =>
      bus.publish(topic.controlState, [{ key, value: new TextEncoder().encode(text), partition }]);
    const signed = (generation: number): string =>
      JSON.stringify({ payload: JSON.stringify(directive(generation)) });
    await publish(1, "run-1", signed(3));
    const follower = await followControlState(bus);
    onTestFinished(async () => {
      await follower.close();
      await bus.close();
    });
    const seen: [string, number][] = [];
    const end = follower.follow(1, (key, generation) => void seen.push([key, generation]));
    await publish(0, "run-0", signed(4));
    await publish(1, "run-2", "{");
    await publish(1, "run-3", signed(5));
    await vi.waitFor(() =>
      expect(seen).toEqual([
        ["run-2", -1],
        ["run-3", 5],
      ]),
    );
    end();
    const other: string[] = [];
    follower.follow(0, (key) => void other.push(key));
    await publish(1, "run-4", signed(6));
    await publish(0, "run-5", signed(7));
    await vi.waitFor(() => expect(other).toEqual(["run-5"]));
    expect(seen).toHaveLength(2);
  });
});
