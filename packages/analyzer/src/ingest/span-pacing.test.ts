import { topic } from "@plumbline/contracts";
import { expect, it } from "vitest";
import { RunsBacklog } from "../runs-backlog.ts";
import { SpanPacing } from "./span-pacing.ts";

const at = (offset: number) => ({ topic: topic.observations, partition: 0, offset });

function createScene() {
  const backlog = new RunsBacklog();
  backlog.folded(0, { next: 0, end: 0 });
  const pacing = new SpanPacing(backlog);
  pacing.taken(topic.spans, 1_000);
  return { backlog, pacing };
}

it("lets spans wait while the runs are behind, and takes them again when the runs have caught up", () => {
  const { backlog, pacing } = createScene();
  expect(pacing.takes(topic.spans, 1_001)).toBe(true);
  backlog.published([at(4_999)]);
  expect(pacing.takes(topic.spans, 1_001)).toBe(false);
  backlog.folded(0, { next: 4_990, end: 5_000 });
  expect(pacing.takes(topic.spans, 1_001)).toBe(true);
});

it("takes logs, and with them the events of agents, however far behind the runs are", () => {
  const { backlog, pacing } = createScene();
  backlog.published([at(1_000_000)]);
  expect(pacing.takes(topic.logs, 1_001)).toBe(true);
});

it("does not shut spans out for ever", () => {
  const { backlog, pacing } = createScene();
  backlog.published([at(1_000_000)]);
  expect(pacing.takes(topic.spans, 1_499)).toBe(false);
  expect(pacing.takes(topic.spans, 1_500)).toBe(true);
  pacing.taken(topic.spans, 1_500);
  expect(pacing.takes(topic.spans, 1_501)).toBe(false);
});

it("counts only partitions whose runs this analyzer folds", () => {
  const { backlog } = createScene();
  backlog.published([{ topic: topic.observations, partition: 7, offset: 9_999 }]);
  expect(backlog.waiting).toBe(0);
  backlog.published([at(9)]);
  expect(backlog.waiting).toBe(10);
  backlog.left(0);
  expect(backlog.waiting).toBe(0);
});

it("tells when less may be waiting, until nobody listens any more", () => {
  const { backlog } = createScene();
  const told: number[] = [];
  const stop = backlog.onProgress(() => told.push(backlog.waiting));
  backlog.published([at(99)]);
  backlog.folded(0, { next: 60, end: 100 });
  stop();
  backlog.folded(0, { next: 100, end: 100 });
  expect(told).toEqual([40]);
});
