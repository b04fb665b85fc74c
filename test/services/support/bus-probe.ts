import { createKafkaBus, type Bus, type BusRecord, type ReceivedRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";

/** Looks into the log beside the processes under test, and writes what none of them would. */
export class BusProbe {
  readonly #bus: Bus;

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  static async open(brokers: readonly string[]): Promise<BusProbe> {
    return new BusProbe(await createKafkaBus({ brokers, clientId: "probe" }));
  }

  /** Everything that stands in a topic now. */
  async read(name: string): Promise<ReceivedRecord[]> {
    const records: ReceivedRecord[] = [];
    const tail = await this.#bus.tail({
      topic: name,
      from: "beginning",
      onRecord: (record) => void records.push(record),
    });
    await tail.caughtUp;
    await tail.close();
    return records;
  }

  async publish(name: string, records: readonly BusRecord[]): Promise<void> {
    await this.#bus.publish(name, records);
  }

  /** Publishes what stands in a topic once more, as an owner does that does not know it was replaced. */
  async repeat(name: string, holds: (record: ReceivedRecord) => boolean): Promise<number> {
    const records = (await this.read(name)).filter(holds);
    await this.publish(
      name,
      records.map(({ key, value, headers, partition }) => ({ key, value, headers, partition })),
    );
    return records.length;
  }

  async deadLetters(): Promise<number> {
    return (await this.read(topic.deadLetter)).length;
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
