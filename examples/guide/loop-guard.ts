// An agent that goes round in circles is told, then its calls are not made, then it is stopped. No server is needed.
//   node examples/guide/loop-guard.ts
import { LoopDetectedError, supervise } from "@plumbline/instrumentation";
import { z } from "zod";

let made = 0;
const pages = Array.from({ length: 12 }, (_, page) => ({
  page,
  rows: [`row ${String(page * 31)}`, `row ${String(page * 57)}`],
}));

await supervise({ name: "reader", goal: "Read all pages" }, async (run) => {
  run.tool({ name: "read", parameters: z.object({ page: z.number() }), execute: ({ page }) => pages[page] });
  for (const { page } of pages)
    await run.execute([{ id: "c", function: { name: "read", arguments: JSON.stringify({ page }) } }]);
  console.log("twelve pages are work");
});

try {
  await supervise({ name: "finder", goal: "Find order 1042" }, async (run) => {
    run.tool({
      name: "search",
      parameters: z.object({ q: z.string() }),
      execute() {
        made += 1;
        return "0 rows";
      },
    });
    for (;;) {
      const call = { id: "c", function: { name: "search", arguments: '{"q":"order 1042"}' } };
      const [answer] = await run.execute([call]);
      console.log(answer?.content.slice(0, 31));
    }
  });
} catch (thrown) {
  if (thrown instanceof LoopDetectedError) console.log(`${thrown.reason} after ${String(made)} calls`);
}

// Prints:
//   twelve pages are work
//   0 rows
//   0 rows
//   0 rows
//   Error: The call was not made. s
//   Error: The call was not made. s
//   LOOP_DETECTED after 3 calls
