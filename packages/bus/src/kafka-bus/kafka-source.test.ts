import { expect, test } from "vitest";
import { WakeUp } from "../delivery/wake-up.ts";
import { KafkaSource, type KafkaSourceSettings } from "./kafka-source.ts";

type Answers = Awaited<ReturnType<KafkaSourceSettings["admin"]["fetchOffsets"]>>;

/** A source of partition 0, whose coordinator answers as it is told. */
function sourceTold(answers: Answers): KafkaSource {
  const admin = { fetchOffsets: () => Promise.resolve(answers) };
  return new KafkaSource({
    admin,
    group: "group",
    topicNames: ["logs"],
    partition: 0,
    rebalanceWaitMs: 0,
  } as unknown as KafkaSourceSettings);
}

test("a group that never committed has no offset", async () => {
  const partitions = [{ partition: 0, offset: "-1", metadata: null }];
  expect(await sourceTold([{ topic: "logs", partitions }]).committed()).toEqual(new Map());
});

test("a commit is told with its note", async () => {
  const partitions = [{ partition: 0, offset: "7", metadata: "note" }];
  const committed = await sourceTold([{ topic: "logs", partitions }]).committed();
  expect(committed).toEqual(new Map([["logs", { offset: 7, metadata: "note" }]]));
});

test.each([
  { what: "the partition", answers: [{ topic: "logs", partitions: [] }] },
  { what: "the topic", answers: [] },
])("an answer that leaves out $what is no answer", async ({ answers }) => {
  await expect(sourceTold(answers).committed()).rejects.toMatchObject({ nextMove: "retry" });
});

test("reading does not begin anew where the bounds of the partition are not told", async () => {
  const source = new KafkaSource({
    topics: { offsets: () => Promise.resolve(new Map()) },
    topicNames: ["logs"],
    partition: 0,
  } as unknown as KafkaSourceSettings);
  await expect(source.begin(new Map([["logs", 7]]), new WakeUp())).rejects.toThrow(
    "nothing of the partition",
  );
});
