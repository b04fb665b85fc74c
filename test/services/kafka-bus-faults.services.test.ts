import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Bus, type KafkaBusOptions, type ReceivedRecord, createKafkaBus } from "@plumbline/bus";
import { isPlumblineError } from "@plumbline/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { groupNames, publishLz4 } from "../../packages/bus/src/contract/kafka-client.contract.ts";
import { Reader, record, text } from "../../packages/bus/src/contract/reader.contract.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { announceSkip } from "./harness/skip.ts";

const reason = announceSkip("the Kafka bus in trouble", [whyNoKafka()]);
const sessionTimeoutMs = 3000;
const memberScript = fileURLToPath(new URL("./kafka-bus/member.ts", import.meta.url));

describe.skipIf(reason !== undefined)("Kafka bus in trouble", () => {
  let broker: KafkaBroker;
  const buses: Bus[] = [];
  const members: ChildProcess[] = [];

  beforeAll(async () => {
    broker = await KafkaBroker.start();
  });

  afterEach(async () => {
    for (const member of members.splice(0)) await kill(member);
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  afterAll(async () => {
    await broker.dispose();
  });

  const open = async (options: Partial<KafkaBusOptions> = {}): Promise<Bus> => {
    const bus = await createKafkaBus({ brokers: broker.brokers, sessionTimeoutMs, ...options });
    buses.push(bus);
    return bus;
  };

  const topic = async (bus: Bus, name: string, partitions = 1): Promise<string> => {
    await bus.createTopics([{ name, partitions, cleanup: "delete", retentionMs: null }]);
    return name;
  };

  const startMember = (source: string, group: string): { child: ChildProcess; lines: string[] } => {
    const flags = ["--conditions=@plumbline/source", "--no-warnings"];
    const args = [...flags, memberScript, broker.brokers[0] ?? "", source, group, String(sessionTimeoutMs)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    members.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    return { child, lines };
  };

  test("a handler that works longer than the session keeps its partition and can commit", async () => {
    const bus = await open();
    const source = await topic(bus, "long-work");
    const group = "long-work";
    const reader = await Reader.open(bus, {
      group,
      topics: [source],
      onBatch: async (_, assignment) => {
        await sleep(sessionTimeoutMs * 2);
        await assignment.commit(source, { offset: 1, metadata: "" });
      },
    });
    await bus.publish(source, [record("k", "slow")]);
    await eventually(() => expect(reader.texts).toEqual(["slow"]));
    expect(reader.assignments).toHaveLength(1);
    expect(reader.owned).toEqual([0]);
  });

  test("partition numbers that stay keep their worker, mid-batch too, when a member joins", async () => {
    const [first, second] = [await open(), await open()];
    const source = await topic(first, "stay", 2);
    const release = Promise.withResolvers<void>();
    const onBatch = async (
      batch: { records: readonly ReceivedRecord[] },
      assignment: Reader["assignments"][number],
    ): Promise<void> => {
      await release.promise;
      const [received] = batch.records;
      await assignment.commit(source, { offset: (received?.offset ?? 0) + 1, metadata: "kept" });
    };
    const reader = await Reader.open(first, { group: "stay", topics: [source], onBatch });
    await eventually(() => expect(reader.owned).toEqual([0, 1]));
    await first.publish(
      source,
      [0, 1].map((partition) => ({ ...record("k", String(partition)), partition })),
    );
    const joining = await Reader.open(second, { group: "stay", topics: [source] });
    await eventually(() => expect([reader.owned.length, joining.assignments.length]).toEqual([1, 1]));
    const [kept] = reader.owned;
    release.resolve();
    await eventually(() => expect(reader.texts).toEqual([String(kept)]));
    expect(reader.assignments).toHaveLength(2);
    await eventually(() => expect(joining.texts).toEqual([String(1 - (kept ?? 0))]));
  });

  test("a killed member's partitions go to the others", async () => {
    const bus = await open();
    const source = await topic(bus, "killed", 4);
    const { child, lines } = startMember(source, "killed");
    await eventually(() => expect(lines.filter((line) => line.startsWith("own"))).toHaveLength(4));
    const reader = await Reader.open(bus, { group: "killed", topics: [source] });
    await eventually(() => expect(reader.owned).toHaveLength(2));
    await kill(child);
    await eventually(() => expect(reader.owned).toEqual([0, 1, 2, 3]));
    await bus.publish(
      source,
      [0, 1, 2, 3].map((partition) => ({ ...record("k", String(partition)), partition })),
    );
    await eventually(() => expect(new Set(reader.texts)).toEqual(new Set(["0", "1", "2", "3"])));
  });

  test("a member that slept through its session can't commit for what others own now", async () => {
    const bus = await open();
    const source = await topic(bus, "asleep");
    const { child, lines } = startMember(source, "asleep");
    await eventually(() => expect(lines).toContain("committed"));
    const reader = await Reader.open(bus, { group: "asleep", topics: [source] });
    child.kill("SIGSTOP");
    await eventually(() => expect(reader.owned).toEqual([0]));
    await reader.assignments[0]?.commit(source, { offset: 0, metadata: "new owner" });
    const heard = lines.length;
    child.kill("SIGCONT");
    await eventually(() => expect(lines.slice(heard)).toContain("refused ASSIGNMENT_LOST"));
    await kill(child);
    await reader.close();
    const next = await Reader.open(bus, { group: "asleep", topics: [source] });
    await eventually(() => expect(next.assignments).toHaveLength(1));
    expect(next.assignments[0]?.committed.get(source)?.metadata).toBe("new owner");
  });

  test("a broker that is killed and comes back costs no acknowledged record, and readers go on", async () => {
    const bus = await open();
    const source = await topic(bus, "broker-kill", 3);
    const reader = await Reader.open(bus, { group: "broker-kill", topics: [source] });
    const acknowledged = new Set<string>();
    let publishing = true;
    const publish = async (name: string): Promise<void> => {
      for (let number = 0; publishing; number += 1) {
        const value = `${name}${String(number)}`;
        try {
          await bus.publish(source, [record(value, value)]);
          acknowledged.add(value);
        } catch (error) {
          expect(isPlumblineError(error) && error.nextMove).toBe("retry");
        }
        await sleep(2);
      }
    };
    const publishers = ["a", "b", "c"].map(publish);
    for (const downMs of [1000, 12_000]) {
      await sleep(1500);
      await broker.kill();
      await sleep(downMs);
      await broker.restart();
    }
    const before = acknowledged.size;
    await eventually(() => expect(acknowledged.size).toBeGreaterThan(before + 100));
    publishing = false;
    await Promise.all(publishers);
    await eventually(() =>
      expect(new Set(reader.texts)).toEqual(new Set([...reader.texts, ...acknowledged])),
    );
  }, 180_000);

  test("a batch in a compression nobody knows here arrives marked, record by record, and reading goes on", async () => {
    const bus = await open();
    const source = await topic(bus, "lz4");
    await bus.publish(source, [record("k", "before")]);
    await publishLz4(broker.brokers, source, ["x", "y", "z"]);
    await bus.publish(source, [record("k", "after")]);
    const reader = await Reader.open(bus, { group: "lz4", topics: [source] });
    await eventually(() => expect(reader.records).toHaveLength(5));
    const seen = reader.records.map(({ offset, unreadable }) => [
      offset,
      unreadable?.includes("lz4") ?? false,
    ]);
    expect(seen).toEqual([
      [0, false],
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
    expect(reader.records[1]?.value.byteLength).toBeGreaterThan(0);
    expect(text(reader.records[4] ?? record(null, ""))).toBe("after");
  });

  test.for(["gzip", "snappy", "zstd"] as const)("what is published in %s is read", async (compression) => {
    const bus = await open({ compression });
    const source = await topic(bus, `compressed-${compression}`);
    const values = Array.from({ length: 300 }, (_, index) => `${"value ".repeat(50)}${String(index)}`);
    await bus.publish(
      source,
      values.map((value) => record("k", value)),
    );
    const reader = await Reader.open(bus, { group: `compressed-${compression}`, topics: [source] });
    await eventually(() => expect(reader.texts).toEqual(values));
  });

  test("a tail leaves no group and no commit behind", async () => {
    const bus = await open();
    const source = await topic(bus, "tail-group");
    await bus.publish(source, [record("k", "v")]);
    const tail = await bus.tail({ topic: source, from: "beginning", onRecord: () => undefined });
    await tail.caughtUp;
    await tail.close();
    const groups = await groupNames(broker.brokers);
    expect(groups.filter((name) => name.includes("-tail-"))).toEqual([]);
  });

  test("brokers that can't be reached are a clear error", async () => {
    const opening = createKafkaBus({ brokers: ["127.0.0.1:1"], connectWithinMs: 500 });
    await expect(opening).rejects.toMatchObject({ nextMove: "stop", code: "KAFKA_UNREACHABLE" });
    await expect(opening).rejects.toThrow("127.0.0.1:1");
  });
});

async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 60_000, interval: 20 });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
