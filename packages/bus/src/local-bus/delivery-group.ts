import { SetupError } from "@plumbline/contracts";
import { coPartition } from "../assignment/co-partition.ts";
import type { ConsumeOptions, Consumption } from "../bus.ts";
import { type DeliveryContext, PartitionDelivery } from "../delivery/partition-delivery.ts";
import { PartitionSlot, type Tenure } from "../delivery/partition-slot.ts";
import { LocalSource } from "./local-source.ts";
import type { RecordLog } from "./record-log.ts";
import type { WakeUpRegistry } from "./wake-up-registry.ts";

/** What deliveries of a bus in one process share. */
export interface LocalContext extends DeliveryContext {
  log: RecordLog;
  wakeUps: WakeUpRegistry;
}

interface Member {
  id: string;
  options: ConsumeOptions;
  paused: boolean;
  tenures: Map<number, Tenure>;
}

/** The members of one group in this process and who of them owns which partition number. */
export class DeliveryGroup {
  readonly topics: readonly string[];
  readonly #context: LocalContext;
  readonly #members = new Map<string, Member>();
  readonly #slots: readonly PartitionSlot[];
  #joined = 0;

  constructor(context: LocalContext, topics: readonly string[], partitionCount: number) {
    this.#context = context;
    this.topics = topics;
    this.#slots = Array.from({ length: partitionCount }, (_, partition) => new PartitionSlot(partition));
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** @throws SetupError when the group is already reading other topics */
  join(options: ConsumeOptions): Consumption {
    if (
      options.topics.length !== this.topics.length ||
      options.topics.some((topic) => !this.topics.includes(topic))
    ) {
      throw topicsDiffer(options, this.topics);
    }
    this.#joined += 1;
    const id = String(this.#joined).padStart(9, "0");
    const member: Member = { id, options, paused: false, tenures: new Map() };
    this.#members.set(id, member);
    this.#rebalance();
    return {
      pause: () => {
        member.paused = true;
      },
      resume: () => {
        member.paused = false;
        for (const slot of this.#slots) slot.delivery?.wake();
      },
      close: () => this.#leave(member),
    };
  }

  /** Offset up to which this process has handled a partition; 0 when it has not. */
  handled(topic: string, partition: number): number {
    return this.#slots[partition]?.delivery?.handled(topic) ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => this.#leave(member)));
  }

  async #leave(member: Member): Promise<void> {
    this.#members.delete(member.id);
    this.#rebalance();
    await Promise.all(this.#slots.map((slot) => slot.settled));
  }

  #rebalance(): void {
    const previous = new Map<number, string>();
    for (const { partition, target } of this.#slots) {
      for (const { id, tenures } of this.#members.values()) {
        if (target !== undefined && tenures.get(partition) === target) previous.set(partition, id);
      }
    }
    const owners = coPartition({
      members: [...this.#members.keys()],
      partitionCount: this.#slots.length,
      previous,
    });
    for (const slot of this.#slots) {
      const owner = this.#members.get(owners.get(slot.partition) ?? "");
      slot.give(owner === undefined ? undefined : this.#tenure(owner, slot.partition));
    }
  }

  #tenure(member: Member, partition: number): Tenure {
    const known = member.tenures.get(partition);
    if (known !== undefined) return known;
    const tenure: Tenure = { start: () => this.#start(member, partition) };
    member.tenures.set(partition, tenure);
    return tenure;
  }

  #start(member: Member, partition: number): PartitionDelivery {
    const { options } = member;
    const { group, topics } = options;
    const delivery = new PartitionDelivery({
      context: this.#context,
      source: new LocalSource({ ...this.#context, group, topics, partition }),
      options,
      partition,
      isPaused: () => member.paused,
    });
    delivery.start();
    return delivery;
  }
}

function topicsDiffer(options: ConsumeOptions, topics: readonly string[]): SetupError {
  return new SetupError(
    `Group ${options.group} already reads ${topics.join(", ")}, not ${options.topics.join(", ")}.`,
    {
      code: "GROUP_TOPICS_DIFFER",
      mend: "Give all members of a group the same topics, or use another group.",
    },
  );
}
