import type { Cluster, GroupMember, PartitionAssigner } from "kafkajs";
import { coPartition } from "../assignment/co-partition.ts";
import type { Kafkajs } from "./kafka-client.ts";

type AssignerProtocol = Kafkajs["AssignerProtocol"];

export interface AssignerSettings {
  assignerProtocol: AssignerProtocol;
  /** Partition numbers that this member has now. */
  owned: () => readonly number[];
  /** Called whenever this member asks to join. */
  onJoining: () => void;
}

const name = "plumbline-co-partition";
const version = 1;

/** Gives the same partition number of all topics to one member, evenly, and leaves numbers where they are when it can. */
export function coPartitionAssigner({
  assignerProtocol,
  owned,
  onJoining,
}: AssignerSettings): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = assignerProtocol;
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => {
      onJoining();
      const userData = Buffer.from(JSON.stringify(owned()));
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) };
    },
    assign: async ({ members, topics }) => {
      const numbersOf = new Map(topics.map((topic) => [topic, partitionNumbers(cluster, topic)]));
      const partitionCount = Math.max(0, ...[...numbersOf.values()].map((numbers) => numbers.size));
      const previous = new Map<number, string>();
      for (const member of members) {
        for (const partition of ownedBy(member, MemberMetadata)) previous.set(partition, member.memberId);
      }
      const owners = coPartition({
        members: members.map((member) => member.memberId),
        partitionCount,
        previous,
      });
      const assignments = members.map(({ memberId }) => {
        const assignment: Record<string, number[]> = {};
        for (const [topic, numbers] of numbersOf) {
          assignment[topic] = [...owners].flatMap(([partition, owner]) =>
            owner === memberId && numbers.has(partition) ? [partition] : [],
          );
        }
        return {
          memberId,
          memberAssignment: MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) }),
        };
      });
      return Promise.resolve(assignments);
    },
  });
}

/** For a group of one that reads some partitions of a topic. */
export function fixedAssigner(
  assignerProtocol: AssignerProtocol,
  partitions: readonly number[],
): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = assignerProtocol;
  const fixedName = "plumbline-fixed";
  return () => ({
    name: fixedName,
    version,
    protocol: ({ topics }) => ({
      name: fixedName,
      metadata: MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
    }),
    assign: async ({ members, topics }) => {
      const assignment = Object.fromEntries(topics.map((topic) => [topic, [...partitions]]));
      const memberAssignment = MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) });
      return Promise.resolve(members.map(({ memberId }) => ({ memberId, memberAssignment })));
    },
  });
}

function partitionNumbers(cluster: Cluster, topic: string): ReadonlySet<number> {
  return new Set(cluster.findTopicPartitionMetadata(topic).map((metadata) => metadata.partitionId));
}

/** What a member says it has; nothing when it says it in a way we don't know. */
function ownedBy(member: GroupMember, memberMetadata: AssignerProtocol["MemberMetadata"]): number[] {
  try {
    const { userData } = memberMetadata.decode(member.memberMetadata) ?? {};
    const owned: unknown = JSON.parse(userData?.toString("utf8") ?? "[]");
    return Array.isArray(owned) ? owned.filter((entry) => typeof entry === "number") : [];
  } catch {
    return [];
  }
}
