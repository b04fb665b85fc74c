import { expect, test } from "vitest";
import { ConnectionPool } from "./connection-pool.ts";

test("a connection serves one caller at a time, in order", async () => {
  const pool = new ConnectionPool(["only"]);
  const events: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const calls = gates.map((gate, index) =>
    pool.use(async () => {
      events.push(`begin ${String(index)}`);
      await gate.promise;
      events.push(`end ${String(index)}`);
    }),
  );
  await Promise.resolve();
  gates[1]?.resolve();
  gates[0]?.resolve();
  await Promise.all(calls);
  expect(events).toEqual(["begin 0", "end 0", "begin 1", "end 1"]);
});

test("as many callers as there are connections work at once", async () => {
  const pool = new ConnectionPool(["a", "b"]);
  const both = Promise.withResolvers<void>();
  let working = 0;
  await Promise.all(
    [0, 1].map(() =>
      pool.use(async () => {
        working += 1;
        if (working === 2) both.resolve();
        await both.promise;
      }),
    ),
  );
  expect(working).toBe(2);
});

test("a connection is free again after a failure", async () => {
  const pool = new ConnectionPool(["only"]);
  await expect(pool.use(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await pool.use((connection) => Promise.resolve(connection))).toBe("only");
});
