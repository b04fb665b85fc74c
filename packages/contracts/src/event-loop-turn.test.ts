import { afterEach, expect, it, vi } from "vitest";
import { systemClock } from "./clock.ts";
import { eventLoopTurn, hurry, type Urgency } from "./event-loop-turn.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Asks for turns all at once and tells in which order they came. */
async function orderOf(urgencies: readonly Urgency[]): Promise<Urgency[]> {
  const order: Urgency[] = [];
  await Promise.all(
    urgencies.map(async (urgency) => {
      await eventLoopTurn(urgency);
      order.push(urgency);
    }),
  );
  return order;
}

/** Workers that note their names when their turns come. */
function takers(work: () => void = () => undefined) {
  const order: string[] = [];
  const take = async (name: string, isUrgent: () => boolean = () => false): Promise<void> => {
    await eventLoopTurn(() => (isUrgent() ? "urgent" : "prompt"));
    order.push(name);
    work();
  };
  return { order, take };
}

function workFor(durationMs: number): void {
  const endMs = systemClock.nowMs() + durationMs;
  while (systemClock.nowMs() < endMs);
}

it("serves input and timers between long pieces of work", async () => {
  const seen: string[] = [];
  await Promise.all(
    ["first", "second", "third"].map(async (name) => {
      await eventLoopTurn("prompt");
      seen.push(name);
      setImmediate(() => seen.push(`input after ${name}`));
      workFor(10);
    }),
  );
  expect(seen.indexOf("input after first")).toBeLessThan(seen.indexOf("third"));
});

it("lets short pieces of work share a round", async () => {
  let rounds = 0;
  const count = (): void => {
    rounds += 1;
    counter = setImmediate(count);
  };
  let counter = setImmediate(count);
  await Promise.all(Array.from({ length: 20 }, () => eventLoopTurn("prompt")));
  clearImmediate(counter);
  expect(rounds).toBeLessThan(5);
});

it("lets prompt work go first, and bulk work go on all the same", async () => {
  const order = await orderOf(["bulk", "bulk", "prompt", "prompt", "prompt", "prompt", "prompt", "prompt"]);
  expect(order.indexOf("prompt")).toBeLessThan(2);
  expect(order.lastIndexOf("bulk")).toBeLessThan(order.length - 1);
  expect(order.filter((urgency) => urgency === "bulk")).toHaveLength(2);
});

it("lets go first what has become urgent while it waited", async () => {
  let isUrgent = false;
  const { order, take } = takers(() => {
    isUrgent = true;
    workFor(10);
  });
  await Promise.all([take("first"), take("second"), take("third"), take("command", () => isUrgent)]);
  expect(order).toEqual(["first", "command", "second", "third"]);
});

it("lets bulk work that has become urgent go before prompt work", async () => {
  const order: string[] = [];
  let urgency: Urgency = "bulk";
  const take = async (name: string, asked: () => Urgency): Promise<void> => {
    await eventLoopTurn(asked);
    order.push(name);
    workFor(10);
    urgency = "urgent";
  };
  await Promise.all([
    take("first", () => "prompt"),
    take("second", () => "prompt"),
    take("bulk", () => "bulk"),
    take("command", () => urgency),
  ]);
  expect(order.indexOf("command")).toBe(1);
});

it("keeps nobody waiting where nobody else has work", async () => {
  expect(await orderOf(["bulk", "bulk", "bulk"])).toEqual(["bulk", "bulk", "bulk"]);
});

it("lets nothing but urgent work go on for a moment when somebody hurries, and then the rest for as long", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  let isUrgent = false;
  const { order, take } = takers();
  const pass = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  hurry();
  const all = [take("rest"), take("command", () => isUrgent)];
  await pass();
  expect(order).toEqual([]);
  isUrgent = true;
  await pass();
  expect(order).toEqual(["command"]);
  vi.setSystemTime(1_000_050);
  await Promise.all(all);
  hurry();
  await take("rest, although somebody hurries again");
  vi.setSystemTime(1_000_100);
  hurry();
  const later = take("later");
  await pass();
  expect(order).toEqual(["command", "rest", "rest, although somebody hurries again"]);
  vi.setSystemTime(1_000_150);
  await later;
});
