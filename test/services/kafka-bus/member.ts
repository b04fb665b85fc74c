/**
 * A member of a group in a process of its own. It says on stdout what it owns, and every 200 ms whether it could still
 * commit as its first owner. Arguments: broker, topic, group, session timeout in milliseconds.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Assignment, createKafkaBus } from "@plumbline/bus";
import { isPlumblineError } from "@plumbline/contracts";

const [broker = "", topic = "", group = "", sessionTimeoutMs = "6000"] = process.argv.slice(2);
const bus = await createKafkaBus({ brokers: [broker], sessionTimeoutMs: Number(sessionTimeoutMs) });
const assignments: Assignment[] = [];

await bus.consume({
  group,
  topics: [topic],
  open: async (assignment) => {
    assignments.push(assignment);
    writeSync(1, `own ${String(assignment.partition)}\n`);
    return Promise.resolve({ onBatch: async () => Promise.resolve(), close: async () => Promise.resolve() });
  },
});

for (;;) {
  await sleep(200);
  const [first] = assignments;
  if (first === undefined) continue;
  try {
    await first.commit(topic, { offset: 0, metadata: "member" });
    writeSync(1, "committed\n");
  } catch (error) {
    writeSync(1, `refused ${isPlumblineError(error) ? error.code : String(error)}\n`);
  }
}
