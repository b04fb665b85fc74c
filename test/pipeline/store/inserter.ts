/** Inserts batch after batch until it is killed, and says on stdout which ones were acknowledged. Arguments: directory, first number, rows per batch. */
import { writeSync } from "node:fs";
import { createChdbStore } from "@plumbline/store";
import { sampleSpan } from "../../../packages/store/src/contract/samples.contract.ts";

const [directory = "", first = "0", rows = "1"] = process.argv.slice(2);

const store = await createChdbStore({ directory });
await store.migrate();
writeSync(1, "ready\n");
for (let number = Number(first); ; number += 1) {
  const batch = Array.from({ length: Number(rows) }, (_, index) =>
    sampleSpan(`batch-${String(number)}`, { spanId: index.toString(16).padStart(16, "0") }),
  );
  await store.insert("otel_traces", batch, `batch-${String(number)}`);
  writeSync(1, `${String(number)}\n`);
}
