import { createSqliteBus } from "@plumbline/bus";

/** Publishes 12 MiB, closes the bus and has nothing left to do. */
const bus = await createSqliteBus({ directory: process.argv[2] ?? "" });
await bus.createTopics([{ name: "numbers", partitions: 1, cleanup: "delete", retentionMs: null }]);
for (let piece = 0; piece < 12; piece += 1)
  await bus.publish("numbers", [{ key: "0", value: new Uint8Array(1024 * 1024) }]);
await bus.close();
process.stdout.write("closed\n");
