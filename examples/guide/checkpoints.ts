// Every external action is written down before it is done; the agent's own state whenever it says so.
//   node examples/guide/checkpoints.ts
import { supervise } from "@plumbline/instrumentation";
import { z } from "zod";

const charged = new Map<string, string>();
/** Stands for a payment service: the same key twice is one charge. */
const payments = {
  charge(order: number, key: string): string {
    const receipt = charged.get(key) ?? `receipt ${String(charged.size + 1)} for order ${String(order)}`;
    charged.set(key, receipt);
    return receipt;
  },
};

await supervise({ name: "billing", goal: "Charge two orders" }, async (run) => {
  run.tool({
    name: "charge",
    description: "Charges the customer of an order.",
    parameters: z.object({ order: z.number() }),
    risk: "high",
    // Hand the key on to whoever performs the action: a repetition then has no second effect.
    execute: ({ order }, { idempotencyKey }) => payments.charge(order, idempotencyKey),
  });
  run.tool({
    name: "look_up",
    parameters: z.object({ order: z.number() }),
    risk: "safe", // changes nothing, so nothing is written down
    execute: ({ order }) => ({ order, total: 30 }),
  });

  for (const order of [1041, 1042]) {
    // In your agent these calls come from the model.
    const call = (name: string) => ({ id: name, function: { name, arguments: JSON.stringify({ order }) } });
    await run.execute([call("look_up")]);
    const [answer] = await run.execute([call("charge")]);
    console.log(answer?.content);
    await run.checkpoint({ charged: order }, `order ${String(order)} charged`);
  }
  console.log("state", JSON.stringify(run.state));
});

// Prints:
//   receipt 1 for order 1041
//   receipt 2 for order 1042
//   state {"charged":1042}
