/**
 * Publishes to a SQLite bus until it refuses, then reads back what is there. Says on stdout, as JSON, how it was refused,
 * how many records were acknowledged and how many can be read. Argument: directory.
 */
import { createSqliteBus } from "@plumbline/bus";
import { isPlumblineError } from "@plumbline/contracts";

const [directory = ""] = process.argv.slice(2);
const bus = await createSqliteBus({ directory });
await bus.createTopics([{ name: "numbers", partitions: 1, cleanup: "delete", retentionMs: null }]);
const value = new Uint8Array(10_000);
let acknowledged = 0;
let refusal = "";

while (refusal === "" && acknowledged < 100_000) {
  try {
    await bus.publish("numbers", [{ key: "k", value }]);
    acknowledged += 1;
  } catch (error) {
    refusal = isPlumblineError(error) ? `${error.nextMove} ${error.code}` : String(error);
  }
}

const offsets: number[] = [];
const tail = await bus.tail({
  topic: "numbers",
  from: "beginning",
  onRecord: ({ offset }) => offsets.push(offset),
});
await tail.caughtUp;
process.stdout.write(JSON.stringify({ refusal, acknowledged, readable: offsets.length }));
process.exit(0);
