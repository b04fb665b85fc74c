import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { eventLoopTurn, hurry, type Urgency } from "./event-loop-turn.ts";

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
  const order: string[] = [];
  let isUrgent = false;
  const take = async (name: string, isNowUrgent?: () => boolean): Promise<void> => {
    await eventLoopTurn("prompt", isNowUrgent);
    order.push(name);
    isUrgent = true;
    workFor(10);
  };
  await Promise.all([take("first"), take("second"), take("third"), take("command", () => isUrgent)]);
  expect(order).toEqual(["first", "command", "second", "third"]);
});

it("keeps nobody waiting where nobody else has work", async () => {
  expect(await orderOf(["bulk", "bulk", "bulk"])).toEqual(["bulk", "bulk", "bulk"]);
});

it("lets nothing but urgent work go on for a moment when somebody hurries, and then the rest for as long", async () => {
  const order: string[] = [];
  let isUrgent = false;
  const take = async (name: string, isNowUrgent?: () => boolean): Promise<void> => {
    await eventLoopTurn("prompt", isNowUrgent);
    order.push(name);
  };
  hurry();
  const all = [take("rest"), take("command", () => isUrgent)];
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(order).toEqual([]);
  isUrgent = true;
  await Promise.all(all);
  expect(order).toEqual(["command", "rest"]);
  hurry();
  await eventLoopTurn("bulk");
});
