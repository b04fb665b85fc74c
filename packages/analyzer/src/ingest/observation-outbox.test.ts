import type { Bus, BusRecord } from "@plumbline/bus";
import { type Observation, header, topic, traceAffinityKey } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import { RunsBacklog } from "../runs-backlog.ts";
import { runStart } from "../runs/fixtures/run-events.ts";
import { ObservationOutbox } from "./observation-outbox.ts";

interface Publication {
  topic: string;
  records: readonly BusRecord[];
  succeed(): void;
  fail(): void;
}

/** A bus whose answers the test gives. */
class SlowBus {
  readonly publications: Publication[] = [];

  publish(name: string, records: readonly BusRecord[]): ReturnType<Bus["publish"]> {
    const { promise, resolve, reject } = Promise.withResolvers<[]>();
    const succeed = (): void => resolve([]);
    const fail = (): void => reject(new Error("no answer"));
    this.publications.push({ topic: name, records, succeed, fail });
    return promise;
  }

  get topics(): string[] {
    return this.publications.map((publication) => publication.topic);
  }
}

const observation = (traceId: string, offset: number): Observation => ({
  ...runStart(0, "Find it"),
  observationId: `o-${String(offset)}`,
  affinity: `r-${traceId}`,
  traceId,
  source: { topic: topic.logs, partition: 0, offset, index: 0 },
});

const decision = (traceId: string) => ({ key: traceAffinityKey("", traceId), runId: `r-${traceId}` });

/** Lets promises that are settled go on. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createOutbox() {
  const bus = new SlowBus();
  const clock = createManualClock();
  const errors: unknown[] = [];
  const outbox = new ObservationOutbox({
    bus: bus as unknown as Bus,
    clock,
    backlog: new RunsBacklog(),
    partition: 0,
    signal: new AbortController().signal,
    onError: (error) => void errors.push(error),
    takenBelow: () => new Map([[topic.logs, 10]]),
  });
  return { outbox, bus, clock, errors };
}

const completeBelow = (publication: Publication | undefined) =>
  publication?.records.map(({ headers }) => headers?.[header.completeBelow]);

test("an observation waits for the choice that it rests on, those of other traces go on", async () => {
  const { outbox, bus } = createOutbox();
  const first = outbox.publish({ ready: [observation("a", 1)], decisions: [decision("a")], audits: [] });
  void outbox.publish({ ready: [observation("a", 2)], decisions: [], audits: [] });
  void outbox.publish({ ready: [observation("b", 3)], decisions: [], audits: [] });
  await soon();
  expect(bus.topics).toEqual([topic.traceAffinity, topic.observations]);
  expect(String(bus.publications[1]?.records[0]?.value)).toContain('"o-3"');
  bus.publications[0]?.succeed();
  await soon();
  const later = bus.publications.slice(2).map(({ records }) => String(records[0]?.value));
  expect(later).toEqual([expect.stringContaining('"o-1"'), expect.stringContaining('"o-2"')]);
  bus.publications[2]?.succeed();
  expect(await first).toBe(true);
});

test("what is under way is not said to be published, nor what was given up", async () => {
  const { outbox, bus } = createOutbox();
  void outbox.publish({ ready: [observation("a", 4)], decisions: [], audits: [] });
  void outbox.publish({ ready: [observation("b", 7)], decisions: [], audits: [] });
  await soon();
  expect(completeBelow(bus.publications[1])).toEqual(["4"]);
  bus.publications[0]?.succeed();
  await soon();
  expect(outbox.publishedBelow().get(topic.logs)).toBe(7);
  outbox.close();
  bus.publications[1]?.fail();
  await soon();
  expect(outbox.publishedBelow().get(topic.logs)).toBe(7);
});

test("a batch of which nothing became an observation counts as published at once", async () => {
  const { outbox, bus } = createOutbox();
  const done = outbox.publish({
    ready: [],
    decisions: [],
    audits: [],
    from: { topic: topic.logs, offset: 3 },
  });
  expect(outbox.publishedBelow().get(topic.logs)).toBe(3);
  expect(await done).toBe(true);
  expect(outbox.publishedBelow().get(topic.logs)).toBe(10);
  expect(bus.publications).toEqual([]);
});

test("what failed is told and published again, with the same floor", async () => {
  const { outbox, bus, clock, errors } = createOutbox();
  const done = outbox.publish({ ready: [observation("a", 5)], decisions: [], audits: [] });
  await soon();
  bus.publications[0]?.fail();
  await soon();
  expect(errors).toHaveLength(1);
  await clock.advance(100);
  await soon();
  expect(completeBelow(bus.publications[1])).toEqual(["5"]);
  bus.publications[1]?.succeed();
  expect(await done).toBe(true);
});
