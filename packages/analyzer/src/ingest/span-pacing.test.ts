import { topic } from "@plumbline/contracts";
import { expect, it } from "vitest";
import { RunsBacklog } from "../runs-backlog.ts";
import { SpanPacing } from "./span-pacing.ts";

const at = (offset: number) => ({ topic: topic.observations, partition: 0, offset });

async function createScene() {
  const backlog = new RunsBacklog();
  backlog.folded(0, { next: 0, end: 0, rowsWait: false });
  const pacing = new SpanPacing(backlog);
  pacing.heardEvents(1_000);
  await pacing.during(1_000, Promise.resolve());
  return { backlog, pacing };
}

it("lets spans wait while much waits for its runs, and takes them again when the runs have caught up", async () => {
  const { backlog, pacing } = await createScene();
  expect(pacing.takesSpans(1_001)).toBe(true);
  backlog.published([at(4_999)], 1_001);
  expect(pacing.takesSpans(1_001)).toBe(false);
  backlog.folded(0, { next: 4_990, end: 5_000, rowsWait: false });
  expect(pacing.takesSpans(1_001)).toBe(true);
});

it("lets spans wait while little waits for long", async () => {
  const { backlog, pacing } = await createScene();
  const { longestWaitMs } = pacing.boundsAt(1_000);
  backlog.published([at(4)], 1_000);
  backlog.published([at(9)], 1_010);
  expect(pacing.isBehind(1_000 + longestWaitMs)).toBe(false);
  expect(pacing.isBehind(1_001 + longestWaitMs)).toBe(true);
  backlog.folded(0, { next: 5, end: 10, rowsWait: false });
  expect(pacing.isBehind(1_001 + longestWaitMs)).toBe(false);
  expect(pacing.isBehind(1_011 + longestWaitMs)).toBe(true);
  backlog.folded(0, { next: 10, end: 10, rowsWait: false });
  expect(pacing.isBehind(9_000)).toBe(false);
});

it("has nothing waiting that was folded before its publisher heard of it", async () => {
  const { backlog, pacing } = await createScene();
  backlog.folded(0, { next: 10, end: 10, rowsWait: false });
  backlog.published([at(9)], 1_000);
  expect([backlog.waiting, pacing.isBehind(9_000)]).toEqual([0, false]);
});

it("lets spans wait while the rows of what was folded wait for the database", async () => {
  const { backlog, pacing } = await createScene();
  backlog.folded(0, { next: 10, end: 10, rowsWait: true });
  expect(pacing.takesSpans(1_001)).toBe(false);
  backlog.folded(0, { next: 11, end: 11, rowsWait: false });
  expect(pacing.takesSpans(1_001)).toBe(true);
});

it("takes one batch of spans at a time while the runs have work", async () => {
  const { backlog, pacing } = await createScene();
  const batch = Promise.withResolvers<void>();
  const taken = pacing.during(1_000, batch.promise);
  expect(pacing.takesSpans(1_001)).toBe(true);
  backlog.published([at(9)], 1_001);
  expect(pacing.takesSpans(1_001)).toBe(false);
  batch.resolve();
  await taken;
  expect(pacing.takesSpans(1_001)).toBe(true);
});

it("does more at once while no agent tells of itself", async () => {
  const { backlog, pacing } = await createScene();
  backlog.published([at(149)], 1_001);
  expect(pacing.takesSpans(1_001)).toBe(false);
  const among = pacing.boundsAt(1_001);
  backlog.folded(0, { next: 150, end: 150, rowsWait: false });
  await pacing.during(20_000, Promise.resolve());
  backlog.published([at(299)], 20_000);
  expect(pacing.takesSpans(20_001)).toBe(true);
  expect(pacing.boundsAt(20_001).observations).toBeGreaterThan(among.observations);
  pacing.heardEvents(20_002);
  expect(pacing.takesSpans(20_002)).toBe(false);
});

it("does not shut spans out for ever, also when a batch of them fails", async () => {
  const { backlog, pacing } = await createScene();
  backlog.published([at(1_000_000)], 5_999);
  expect(pacing.takesSpans(5_999)).toBe(false);
  expect(pacing.takesSpans(6_000)).toBe(true);
  const failing = pacing.during(6_000, Promise.reject(new Error("bus is full")));
  await expect(failing).rejects.toThrow("bus is full");
  expect(pacing.takesSpans(6_001)).toBe(false);
  expect(pacing.takesSpans(11_000)).toBe(true);
});

it("counts only partitions whose runs this analyzer folds", async () => {
  const { backlog } = await createScene();
  backlog.published([{ topic: topic.observations, partition: 7, offset: 9_999 }], 1_001);
  expect(backlog.waiting).toBe(0);
  backlog.published([at(9)], 1_001);
  expect(backlog.waiting).toBe(10);
  backlog.left(0);
  expect(backlog.waiting).toBe(0);
});

it("tells when less may be waiting, until nobody listens any more", async () => {
  const { backlog } = await createScene();
  const told: number[] = [];
  const stop = backlog.onProgress(() => told.push(backlog.waiting));
  backlog.published([at(99)], 1_001);
  backlog.folded(0, { next: 60, end: 100, rowsWait: false });
  stop();
  backlog.folded(0, { next: 100, end: 100, rowsWait: false });
  expect(told).toEqual([40]);
});
