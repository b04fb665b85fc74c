import { RejectedError, RetryableError, SetupError, type TopicSpec } from "@plumbline/contracts";
import type { Commit } from "./bus.ts";
import { maxMetadataBytes } from "./limits.ts";

export function unknownTopic(topic: string): SetupError {
  return new SetupError(`Topic ${topic} does not exist on the bus.`, {
    code: "TOPIC_UNKNOWN",
    mend: "Create it first: createTopics, or the migrate command.",
  });
}

export function invalidTopic(spec: TopicSpec): SetupError {
  return new SetupError(`Topic ${spec.name} can't have ${String(spec.partitions)} partitions.`, {
    code: "TOPIC_INVALID",
  });
}

export function notCoPartitioned(group: string, counts: ReadonlyMap<string, number>): SetupError {
  const listed = [...counts].map(([topic, count]) => `${topic} has ${String(count)}`).join(", ");
  return new SetupError(
    `Group ${group} can't read topics with different partition counts together: ${listed}.`,
    {
      code: "TOPICS_NOT_CO_PARTITIONED",
      mend: "Create them with equal counts.",
    },
  );
}

export function busClosed(): RetryableError {
  return new RetryableError("The bus is closed.", { code: "BUS_CLOSED" });
}

export function assignmentLost(group: string, partition: number): RetryableError {
  return new RetryableError(
    `Partition ${String(partition)} is no longer owned by this member of group ${group}.`,
    {
      code: "ASSIGNMENT_LOST",
      mend: "Drop the work in hand; the new owner repeats it.",
    },
  );
}

export function foreignTopic(group: string, topic: string): RejectedError {
  return new RejectedError(`Group ${group} can't commit to topic ${topic}, which it does not read.`, {
    code: "COMMIT_FOREIGN_TOPIC",
  });
}

/** @throws RejectedError when a commit can't be kept by every adapter */
export function checkCommit(group: string, { offset, metadata }: Commit): void {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new RejectedError(`Group ${group} can't commit offset ${String(offset)}.`, {
      code: "COMMIT_OFFSET_INVALID",
    });
  }
  const bytes = Buffer.byteLength(metadata);
  if (bytes <= maxMetadataBytes) return;
  throw new RejectedError(
    `Commit metadata of group ${group} has ${String(bytes)} bytes, at most ${String(maxMetadataBytes)} are kept.`,
    { code: "COMMIT_METADATA_TOO_LONG" },
  );
}
