import { SetupError } from "@plumbline/contracts";
import { coPartition } from "../assignment/co-partition.ts";
import type { ConsumeOptions, Consumption } from "../bus.ts";
import { type DeliveryContext, PartitionDelivery } from "./partition-delivery.ts";

interface Member {
  id: string;
  options: ConsumeOptions;
  paused: boolean;
}

interface Slot {
  partition: number;
  target: Member | undefined;
  owner: Member | undefined;
  delivery: PartitionDelivery | undefined;
  settled: Promise<void>;
  settling: boolean;
}

function emptySlot(partition: number): Slot {
  return {
    partition,
    target: undefined,
    owner: undefined,
    delivery: undefined,
    settled: Promise.resolve(),
    settling: false,
  };
}

/** The members of one group in this process and who of them owns which partition number. A number changes hands only after its old worker is closed. */
export class DeliveryGroup {
  readonly topics: readonly string[];
  readonly #context: DeliveryContext;
  readonly #members = new Map<string, Member>();
  readonly #slots: readonly Slot[];
  #joined = 0;

  constructor(context: DeliveryContext, topics: readonly string[], partitionCount: number) {
    this.#context = context;
    this.topics = topics;
    this.#slots = Array.from({ length: partitionCount }, (_, partition) => emptySlot(partition));
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
      throw new SetupError(
        `Group ${options.group} already reads ${this.topics.join(", ")}, not ${options.topics.join(", ")}.`,
        {
          code: "GROUP_TOPICS_DIFFER",
          mend: "Give all members of a group the same topics, or use another group.",
        },
      );
    }
    this.#joined += 1;
    const member: Member = { id: String(this.#joined).padStart(9, "0"), options, paused: false };
    this.#members.set(member.id, member);
    this.#rebalance();
    return {
      pause: () => {
        member.paused = true;
      },
      resume: () => {
        member.paused = false;
        this.#wake(member);
      },
      close: () => this.#leave(member),
    };
  }

  /** Offset up to which this process has handled a partition; undefined when no worker of it is open. */
  position(topic: string, partition: number): number | undefined {
    return this.#slots[partition]?.delivery?.position(topic);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => this.#leave(member)));
  }

  async #leave(member: Member): Promise<void> {
    const owned = this.#slots.filter((slot) => slot.owner === member || slot.target === member);
    this.#members.delete(member.id);
    this.#rebalance();
    await Promise.all(owned.map((slot) => slot.settled));
  }

  #wake(member: Member): void {
    for (const slot of this.#slots) if (slot.owner === member) slot.delivery?.wake();
  }

  #rebalance(): void {
    const previous = new Map<number, string>();
    for (const { partition, target } of this.#slots)
      if (target !== undefined) previous.set(partition, target.id);
    const owners = coPartition({
      members: [...this.#members.keys()],
      partitionCount: this.#slots.length,
      previous,
    });
    for (const slot of this.#slots) {
      slot.target = this.#members.get(owners.get(slot.partition) ?? "");
      if (!slot.settling) slot.settled = this.#settle(slot);
    }
  }

  async #settle(slot: Slot): Promise<void> {
    slot.settling = true;
    while (slot.owner !== slot.target) {
      await slot.delivery?.stop();
      slot.delivery = undefined;
      slot.owner = slot.target;
      if (slot.owner !== undefined) this.#start(slot, slot.owner);
    }
    slot.settling = false;
  }

  #start(slot: Slot, member: Member): void {
    slot.delivery = new PartitionDelivery({
      context: this.#context,
      options: member.options,
      partition: slot.partition,
      isPaused: () => member.paused,
    });
    slot.delivery.start();
  }
}
