// A run that breaks off goes on where it was: same id, same state, nothing done twice.
//   node examples/guide/resume.ts
import { resumableRuns, type Run, supervise } from "@plumbline/instrumentation";
import { z } from "zod";

let shipments = 0;
let isNetworkUp = false;

async function shipAll(run: Run): Promise<string> {
  const state = (run.state ?? { shipped: [] }) as { shipped: number[] };
  run.tool({
    name: "ship",
    parameters: z.object({ order: z.number() }),
    risk: "medium",
    reversible: false,
    // What to do with a shipment that was under way when the process was killed: the carrier honours the key.
    onInFlight: "retry",
    execute: () => {
      shipments += 1;
      return `parcel ${String(shipments)}`;
    },
  });
  // Actions in flight at the crash: retried, skipped or put before a person, as each tool says.
  for (const { toolName, result } of await run.settleInFlight()) console.log("settled", toolName, result);

  for (const order of [1, 2, 3].filter((one) => !state.shipped.includes(one))) {
    const call = { id: "c", function: { name: "ship", arguments: JSON.stringify({ order }) } };
    const [answer] = await run.execute([call]);
    console.log(`order ${String(order)}: ${answer?.content ?? ""}`);
    if (order === 2 && !isNetworkUp) throw new Error("the network is down");
    state.shipped.push(order);
    await run.checkpoint(state, `order ${String(order)} shipped`);
  }
  return "all shipped";
}

await supervise({ name: "shipping", goal: "Ship three orders", runId: "shipping-7" }, shipAll).catch(
  (error: unknown) => console.log("broke off:", (error as Error).message),
);

// Later, in another process or on another day: what a worker does when it starts.
isNetworkUp = true;
for (const { runId } of await resumableRuns()) {
  console.log("resuming", runId);
  console.log(await supervise({ name: "shipping", resume: runId }, shipAll));
}
console.log(`${String(shipments)} parcels for 3 orders`);

// Prints:
//   order 1: parcel 1
//   order 2: parcel 2
//   broke off: the network is down
//   resuming shipping-7
//   order 2: parcel 2
//   order 3: parcel 3
//   all shipped
//   3 parcels for 3 orders
