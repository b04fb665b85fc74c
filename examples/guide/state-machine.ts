// A run is announced before it starts, and every move of it is allowed by one table or refused.
//   node examples/guide/state-machine.ts
import { announceRun } from "@plumbline/instrumentation";
import { messageOf } from "@plumbline/contracts";

const first = announceRun({ name: "reports", goal: "Report on May", runId: "report-may" });
const second = announceRun({ name: "reports", goal: "Report on June", runId: "report-june" });
console.log(first.id, first.status, "|", second.id, second.status);

const result = await first.start(async (run) => `${run.goal}: ${run.status}`);
console.log(result, "then", first.status);

second.withdraw("June is not over yet");
console.log(second.id, second.status);
await second.start(async () => "never").catch((thrown: unknown) => console.log(messageOf(thrown)));

// Prints:
//   report-may queued | report-june queued
//   Report on May: running then completed
//   report-june killed
//   Run report-june can't go from killed to running. It has ended; begin a new run.
