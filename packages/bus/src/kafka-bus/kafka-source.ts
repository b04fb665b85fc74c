import type { Admin } from "kafkajs";
import { assignmentLost } from "../bus-errors.ts";
import type { Commit } from "../bus.ts";
import type { PartitionSource, TopicReader } from "../delivery/partition-source.ts";
import type { WakeUp } from "../delivery/wake-up.ts";
import { FetchBuffer } from "./fetch-buffer.ts";
import { commitFailed, isMembershipError, requestFailed } from "./kafka-errors.ts";
import type { Fetched, KafkaSubscription } from "./kafka-subscription.ts";
import type { KafkaTopics, OffsetRange } from "./kafka-topics.ts";

export interface KafkaSourceSettings {
  admin: Admin;
  topics: KafkaTopics;
  subscription: KafkaSubscription;
  group: string;
  topicNames: readonly string[];
  partition: number;
  /** How long a commit waits for a rebalance to end before it is tried again. */
  rebalanceWaitMs: number;
}

const commitAttempts = 5;

/** Reads one partition number through a subscription; its topics stay paused until it begins. */
export class KafkaSource implements PartitionSource {
  readonly #settings: KafkaSourceSettings;
  #buffers: readonly FetchBuffer[] = [];
  #wakeUp: WakeUp | undefined;

  constructor(settings: KafkaSourceSettings) {
    this.#settings = settings;
  }

  async committed(): Promise<ReadonlyMap<string, Commit>> {
    const { admin, group, topicNames, partition } = this.#settings;
    try {
      const answers = await admin.fetchOffsets({ groupId: group, topics: [...topicNames] });
      const committed = new Map<string, Commit>();
      for (const topic of topicNames) {
        const answer = told(answers.find((candidate) => candidate.topic === topic));
        const entry = told(answer.partitions.find((candidate) => candidate.partition === partition));
        const offset = Number(entry.offset);
        if (offset >= 0) committed.set(topic, { offset, metadata: entry.metadata ?? "" });
      }
      return committed;
    } catch (error) {
      throw requestFailed(`tell the offsets of group ${group}`, error);
    }
  }

  async begin(starts: ReadonlyMap<string, number>, wakeUp: WakeUp): Promise<readonly TopicReader[]> {
    const { topics, topicNames, partition, subscription } = this.#settings;
    const ranges = await Promise.all(topicNames.map((topic) => topics.offsets(topic)));
    this.#wakeUp = wakeUp;
    this.#buffers = topicNames.map((topic, index) => {
      const place = { topic, partition };
      const buffer = new FetchBuffer({
        place,
        startOffset: within(told(ranges[index]?.get(partition)), starts.get(topic)),
        onFull: () => {
          subscription.pause(place);
        },
        onRoom: () => {
          subscription.resume(place);
        },
      });
      subscription.seek(place, buffer.nextOffset);
      subscription.resume(place);
      return buffer;
    });
    return this.#buffers;
  }

  add(fetched: Fetched): void {
    const buffer = this.#buffers.find(({ topic }) => topic === fetched.topic);
    if (buffer === undefined) return;
    buffer.add(fetched);
    this.#wakeUp?.raise();
  }

  /** The group was shared out anew and the partition number stayed: fetching goes on where it was. */
  rejoined(): void {
    const { subscription, partition } = this.#settings;
    for (const { topic, nextOffset } of this.#buffers) subscription.seek({ topic, partition }, nextOffset);
  }

  async commit(topic: string, commit: Commit, signal: AbortSignal): Promise<void> {
    const { subscription, group, partition, rebalanceWaitMs } = this.#settings;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const joins = subscription.joins;
      try {
        await subscription.commit({ topic, partition }, commit);
        return;
      } catch (error) {
        if (attempt === commitAttempts || (!isMembershipError(error) && !signal.aborted))
          throw commitFailed(group, error);
        if (subscription.joins === joins) await subscription.nextJoin(rebalanceWaitMs);
      }
    }
    throw assignmentLost(group, partition);
  }

  end(): void {
    const { subscription, topicNames, partition } = this.#settings;
    this.#buffers = [];
    for (const topic of topicNames) subscription.pause({ topic, partition });
  }
}

/**
 * kafkajs leaves out partitions of a topic that its metadata do not name yet. Whoever took that for a group that never committed
 * would begin anew and store everything twice.
 */
function told<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw new Error("the answer says nothing of the partition");
  return answer;
}

/** Outside of what is kept, kafkajs would overwrite the group's commit to find its way. */
function within({ low, high }: OffsetRange, start: number | undefined): number {
  return Math.min(Math.max(start ?? low, low), high);
}
