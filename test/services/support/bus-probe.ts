import { createKafkaBus, type Bus, type BusRecord, type ReceivedRecord } from "@plumbline/bus";
import { topic, type Directive, type SignedDirective } from "@plumbline/contracts";

interface HeldDirective {
  runId: string;
  generation: number;
  /** As it can be published again. */
  record: BusRecord;
}

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

  /** What control state holds of a run, or of all, in the order in which it came. */
  async directives(runId?: string): Promise<HeldDirective[]> {
    const records = await this.read(topic.controlState);
    const held = records.map((record): HeldDirective => {
      const { payload } = JSON.parse(new TextDecoder().decode(record.value)) as SignedDirective;
      const { generation, runId: of } = JSON.parse(payload) as Directive;
      const { key, value, headers, partition } = record;
      return { runId: of, generation, record: { key, value, headers, partition } };
    });
    return held.filter((directive) => runId === undefined || directive.runId === runId);
  }

  /** Runs of which one generation of the directive says two things, or is signed in two ways. */
  async contradictoryDirectives(): Promise<string[]> {
    const said = new Map<string, string>();
    const contradictory = new Set<string>();
    for (const { runId, generation, record } of await this.directives()) {
      const [name, text] = [`${runId}@${String(generation)}`, Buffer.from(record.value).toString("utf8")];
      if ((said.get(name) ?? text) !== text) contradictory.add(name);
      said.set(name, text);
    }
    return [...contradictory];
  }

  async deadLetters(): Promise<number> {
    return (await this.read(topic.deadLetter)).length;
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
