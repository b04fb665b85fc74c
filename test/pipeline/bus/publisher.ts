/** Publishes numbered records to a SQLite bus until it is killed, and says on stdout which ones were acknowledged. Arguments: directory, first number. */
import { writeSync } from "node:fs";
import { createSqliteBus } from "@plumbline/bus";

const [directory = "", first = "0"] = process.argv.slice(2);
const bus = await createSqliteBus({ directory });
await bus.createTopics([{ name: "numbers", partitions: 3, cleanup: "delete", retentionMs: null }]);
writeSync(1, "ready\n");

let next = Number(first);

async function publishOn(): Promise<never> {
  for (;;) {
    const numbers = Array.from({ length: 5 }, (_, index) => next + index);
    next += numbers.length;
    const records = numbers.map((number) => ({
      key: `k${String(number % 7)}`,
      value: new TextEncoder().encode(String(number)),
    }));
    const positions = await bus.publish("numbers", records);
    const lines = positions.map(
      ({ partition, offset }, index) => `${String(numbers[index])} ${String(partition)} ${String(offset)}\n`,
    );
    writeSync(1, lines.join(""));
  }
}

await Promise.all([publishOn(), publishOn(), publishOn()]);
