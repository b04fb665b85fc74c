import type { Batch, ReceivedRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { ReplayOrder } from "./replay-order.ts";

const record = (name: string, offset: number, timestampMs: number): ReceivedRecord => ({
  topic: name,
  partition: 0,
  offset,
  key: null,
  value: new Uint8Array(),
  headers: {},
  timestampMs,
});

const observation = (offset: number, atMs: number): ReceivedRecord =>
  record(topic.observations, offset, atMs);
const command = (offset: number, atMs: number): ReceivedRecord => record(topic.commands, offset, atMs);
const batch = (...records: ReceivedRecord[]): Batch => ({
  topic: records[0]?.topic ?? "",
  records,
  endOffset: 100,
});

/** An owner before had committed 3 observations and 2 commands. */
const order = (): ReplayOrder =>
  new ReplayOrder({
    committed: new Map([
      [topic.observations, { offset: 3, metadata: "" }],
      [topic.commands, { offset: 2, metadata: "" }],
    ]),
    startAt: new Map(),
  });

const told = (replay: ReplayOrder, ...batches: Batch[]): string[] =>
  batches.flatMap((one) =>
    [...replay.ordered(one)].map(
      ({ topic: name, offset }) => `${name === topic.commands ? "c" : "o"}${String(offset)}`,
    ),
  );

describe("what is read again", () => {
  it("is folded in the order in which the bus took it, although commands are read first", () => {
    const commands = batch(command(0, 15), command(1, 25));
    const observations = batch(
      observation(0, 10),
      observation(1, 20),
      observation(2, 30),
      observation(3, 40),
    );
    expect(told(order(), commands, observations)).toEqual(["o0", "c0", "o1", "c1", "o2", "o3"]);
  });

  it("keeps no command waiting that nobody has folded yet", () => {
    const commands = batch(command(0, 15), command(1, 25), command(2, 50));
    expect(told(order(), commands)).toEqual(["c0", "c1", "c2"]);
  });

  it("waits for no observation beyond those that were folded", () => {
    const replay = order();
    expect(told(replay, batch(command(0, 90)), batch(observation(2, 30)))).toEqual(["o2", "c0"]);
    expect(told(replay, batch(command(1, 95)))).toEqual(["c1"]);
  });

  it("waits for none that retention has removed", () => {
    expect(told(order(), batch(command(0, 15)), batch(observation(7, 70)))).toEqual(["c0", "o7"]);
  });
});
