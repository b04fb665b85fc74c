import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RetryableError, SetupError } from "@plumbline/contracts";
import { createClickhouseStore } from "@plumbline/store";
import { describe, expect, it } from "vitest";
import { sampleSpan } from "../../packages/store/src/contract/samples.contract.ts";
import { describeStore } from "../../packages/store/src/store.contract.ts";
import { startChdbHttpServer } from "./support/start-chdb-http-server.ts";

const newDirectory = (): string => mkdtempSync(join(tmpdir(), "plumbline-server-"));

describeStore("ClickHouse store over a stand-in server", async () => {
  const directory = newDirectory();
  const server = await startChdbHttpServer(directory);
  return {
    open: () => createClickhouseStore({ url: server.url }),
    dispose: async () => {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
});

describe("ClickHouse store and a server that fails", () => {
  it("goes on after the server was killed and came back, with every batch in once", async () => {
    const directory = newDirectory();
    let server = await startChdbHttpServer(directory);
    const store = await createClickhouseStore({ url: server.url });
    await store.migrate();
    const inserts = (async () => {
      for (let number = 0; number < 30; number += 1) {
        const batch = Array.from({ length: 100 }, () => sampleSpan("run-killed"));
        await insertPatiently(batch, `batch-${String(number)}`);
      }
    })();
    async function insertPatiently(batch: ReturnType<typeof sampleSpan>[], token: string): Promise<void> {
      for (;;) {
        try {
          await store.insert("otel_traces", batch, token);
          return;
        } catch (error) {
          expect(error).toBeInstanceOf(RetryableError);
        }
      }
    }
    await server.stop("SIGKILL");
    server = await startChdbHttpServer(directory, server.port);
    await inserts;
    expect(await store.query({ sql: "SELECT count() AS rows FROM plumbline.otel_traces" })).toEqual([
      { rows: "3000" },
    ]);
    await store.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it("says that the password is wrong instead of trying on", async () => {
    const directory = newDirectory();
    const server = await startChdbHttpServer(directory);
    const store = await createClickhouseStore({ url: server.url.replace("secret", "wrong") });
    const refusal = store.migrate();
    await expect(refusal).rejects.toBeInstanceOf(SetupError);
    await expect(refusal).rejects.not.toThrow(/wrong@/);
    await store.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["clickhouse", "POST"],
    ["clickhouses", "\u0016\u0003\u0001"],
  ])("speaks to an address that begins with %s:// as it says", async (scheme, begin) => {
    const first = Promise.withResolvers<string>();
    const listener = createServer((socket) => {
      socket.once("data", (bytes: Buffer) => {
        first.resolve(bytes.toString("latin1"));
        socket.destroy();
      });
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    const store = await createClickhouseStore({ url: `${scheme}://user:secret@127.0.0.1:${String(port)}` });
    await expect(store.check()).rejects.toBeInstanceOf(RetryableError);
    expect((await first.promise).startsWith(begin)).toBe(true);
    await store.close();
    listener.close();
  });
});
