import fc from "fast-check";
import kafkajs, { type Cluster, type Logger } from "kafkajs";
import { expect, test } from "vitest";
import { coPartitionAssigner } from "./co-partition-assigner.ts";

const { AssignerProtocol } = kafkajs;

interface MemberState {
  memberId: string;
  owned: number[];
}

function assignerOf(
  partitionsByTopic: Readonly<Record<string, number>>,
  owned: readonly number[],
): ReturnType<ReturnType<typeof coPartitionAssigner>> {
  const findTopicPartitionMetadata = (topic: string): { partitionId: number }[] =>
    Array.from({ length: partitionsByTopic[topic] ?? 0 }, (_, partitionId) => ({ partitionId }));
  const cluster = { findTopicPartitionMetadata } as unknown as Cluster;
  const create = coPartitionAssigner({
    assignerProtocol: AssignerProtocol,
    owned: () => owned,
    onJoining: () => undefined,
  });
  return create({ cluster, groupId: "g", logger: {} as Logger });
}

/** One round as Kafka plays it: every member states what it has, the leader assigns, every member reads its part. */
async function round(
  members: readonly MemberState[],
  partitions: number,
): Promise<Map<string, Record<string, number[]>>> {
  const topics = ["spans", "logs"];
  const counts = { spans: partitions, logs: partitions };
  const stated = members.map(({ memberId, owned }) => ({
    memberId,
    memberMetadata: assignerOf(counts, owned).protocol({ topics }).metadata,
  }));
  const assigned = await assignerOf(counts, []).assign({ members: stated, topics });
  return new Map(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      { ...AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment },
    ]),
  );
}

const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

test("through Kafka's own encoding, the same partition number of all topics goes to one member, and each to somebody", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(memberIds, fc.integer({ min: 1, max: 24 }), async (ids, partitions) => {
      const assigned = await round(
        ids.map((memberId) => ({ memberId, owned: [] })),
        partitions,
      );
      for (const { spans, logs } of assigned.values()) expect(spans).toEqual(logs);
      const all = [...assigned.values()].flatMap((assignment) => assignment["spans"] ?? []);
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, index) => index));
    }),
  );
});

test("members keep what they state to have when the group stays the same", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(memberIds, fc.integer({ min: 1, max: 24 }), async (ids, partitions) => {
      const first = await round(
        ids.map((memberId) => ({ memberId, owned: [] })),
        partitions,
      );
      const again = ids.map((memberId) => ({ memberId, owned: first.get(memberId)?.["spans"] ?? [] }));
      expect(await round(again, partitions)).toEqual(first);
    }),
  );
});

test("a member that states something unreadable counts as one that has nothing", async () => {
  const topics = ["spans"];
  const userData = Buffer.from("{not json");
  const metadata = AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData });
  const members = [{ memberId: "a", memberMetadata: metadata }];
  const [assigned] = await assignerOf({ spans: 3 }, []).assign({ members, topics });
  expect(
    AssignerProtocol.MemberAssignment.decode(assigned?.memberAssignment ?? Buffer.alloc(0))?.assignment,
  ).toEqual({ spans: [0, 1, 2] });
});
