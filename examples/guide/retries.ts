// Failures are classed: some are tried again, some need fresh data, some a person. A breaker leaves what is down alone.
//   node examples/guide/retries.ts
import { supervise } from "@plumbline/instrumentation";
import { z } from "zod";

const failing = (status: number): Error =>
  Object.assign(new Error(`the shop answered ${String(status)}`), { status });
const retry = { firstDelayMs: 1, maxDelayMs: 50 };

await supervise({ name: "stock", goal: "Count the shirts" }, async (run) => {
  const ask = async (name: string, input: object = {}): Promise<string> => {
    const [answer] = await run.execute([{ id: "c", function: { name, arguments: JSON.stringify(input) } }]);
    return answer?.content ?? "";
  };

  let attempts = 0;
  run.tool({
    name: "count",
    parameters: z.object({}),
    retry,
    execute(_, { idempotencyKey }) {
      attempts += 1;
      if (attempts < 3) throw failing(503);
      return `12 shirts, attempt ${String(attempts)}, the same key: ${String(idempotencyKey !== "")}`;
    },
  });
  console.log(await ask("count"));

  run.tool({
    name: "set_price",
    parameters: z.object({ version: z.number() }),
    retry: { ...retry, refresh: ({ version }) => ({ version: version + 1 }) },
    execute({ version }) {
      if (version < 5) throw failing(409);
      return `price set on version ${String(version)}`;
    },
  });
  console.log(await ask("set_price", { version: 4 }));

  run.tool({ name: "close_shop", parameters: z.object({}), execute: () => Promise.reject(failing(403)) });
  console.log(await ask("close_shop"));

  let calls = 0;
  run.tool({
    name: "rates",
    parameters: z.object({ day: z.number() }),
    retry: false,
    breaker: { failures: 3, probeAfterMs: 60_000 },
    execute() {
      calls += 1;
      throw failing(500);
    },
  });
  for (let day = 1; day <= 3; day += 1) await ask("rates", { day });
  console.log((await ask("rates", { day: 4 })).split(" It is tried again")[0]);
  console.log(`${String(calls)} calls reached it`);
});

// Prints:
//   12 shirts, attempt 3, the same key: true
//   price set on version 5
//   Error: the shop answered 403
//   This needs a person; calling it again will not help.
//   Error: The tool was not called: it failed 3 times in a row, the last time with "the shop answered 500".
//   3 calls reached it
