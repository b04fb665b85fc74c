// Every tool call leaves a record in two parts: one for auditors, one with the content. No server is needed.
//   node examples/guide/audit.ts && plumbline audit verify --compliance-file audit/compliance.jsonl --technical-file audit/technical.jsonl
import { configurePlumbline, shutdown, supervise } from "@plumbline/instrumentation";
import { readFileSync } from "node:fs";
import { z } from "zod";

configurePlumbline({
  auditComplianceFile: "audit/compliance.jsonl", // may be read by people who may not see contents
  auditTechnicalFile: "audit/technical.jsonl",
});

await supervise({ name: "refunds", goal: "Refund order 1042" }, async (run) => {
  run.tool({
    name: "refund",
    parameters: z.object({ order: z.number() }),
    risk: "high",
    reversible: false,
    audit: { action: "Pays an order back", accesses: ["orders"], modifies: ["payments"] },
    execute: ({ order }) => `refunded ${String(order)}`,
  });
  const refund = (id: string, input: object): Promise<unknown> =>
    run.execute([{ id, function: { name: "refund", arguments: JSON.stringify(input) } }]);
  await refund("c-1", { order: 1042 });
  await refund("c-2", { order: "the last one" }); // refused: it does not fit the parameters
});

for (const line of readFileSync("audit/compliance.jsonl", "utf8").trim().split("\n")) {
  const { link, compliance } = JSON.parse(line) as { link: { sequence: number }; compliance: object };
  console.log(link.sequence, compliance);
}
await shutdown(0);
