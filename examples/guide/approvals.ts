// People decide before it happens. Here they are a function; with a server they are `plumbline approve` and `deny`.
//   node examples/guide/approvals.ts
import { supervise } from "@plumbline/instrumentation";
import { z } from "zod";

await supervise(
  {
    name: "refunds",
    goal: "Settle the complaint about order 1042",
    approvals: {
      from: "medium", // ask about medium and high; a tool that declares no risk counts as high
      timeoutMs: 60_000,
      onTimeout: "approve-reversible", // silence never lets through what can't be undone
      decide(request, { input }) {
        console.log(`asked: ${request.toolName} ${request.arguments} (${request.expectedOutcome})`);
        const { amount } = input as { amount: number };
        if (amount > 100) return { decision: "denied", by: "ana", message: "too much for one order" };
        return { decision: "approved", by: "ana", editedArguments: { order: 1042, amount: 25 } };
      },
    },
  },
  async (run) => {
    run.tool({
      name: "refund",
      description: "Pays money back.",
      parameters: z.object({ order: z.number(), amount: z.number().positive() }),
      risk: "high",
      reversible: false,
      expectedOutcome: ({ order, amount }) => `the customer of ${String(order)} gets $${String(amount)}`,
      execute: ({ amount }) => `refunded $${String(amount)}`,
    });
    const ask = async (amount: number): Promise<string> => {
      const call = {
        id: "c",
        function: { name: "refund", arguments: JSON.stringify({ order: 1042, amount }) },
      };
      return (await run.execute([call]))[0]?.content ?? "";
    };
    console.log(await ask(900));
    console.log(await ask(30));
  },
);

// Prints:
//   asked: refund {"order":1042,"amount":900} (the customer of 1042 gets $900)
//   Error: APPROVAL_DENIED: refund was not allowed by ana: too much for one order. It was not done. Do not try the same again.
//   asked: refund {"order":1042,"amount":30} (the customer of 1042 gets $30)
//   refunded $25
