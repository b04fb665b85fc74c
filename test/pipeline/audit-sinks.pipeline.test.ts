import { isPlumblineError } from "@plumbline/contracts";
import { auditChain, auditKey, auditTables, createManualClock } from "@plumbline/contracts/testing";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createHeadPublisher } from "../../packages/analyzer/src/audit/head-publisher.ts";
import { type AuditSink, createAuditSink } from "../../packages/analyzer/src/audit/sink.ts";

interface Posted {
  authorization: string | undefined;
  type: string | undefined;
  body: string;
}

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function startReceiver(posted: Posted[], status: () => number): Promise<string> {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { authorization, "content-type": type } = request.headers;
      posted.push({ authorization, type, body });
      response.writeHead(status()).end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/audit`;
}

function sinkOf(settings: Parameters<typeof createAuditSink>[0]): AuditSink {
  const sink = createAuditSink(settings);
  if (sink === undefined) throw new Error("The tables are no sink outside.");
  return sink;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a sink of the audit trail", () => {
  it("posts lines to a webhook with its token, and says so when they were not taken", async () => {
    const posted: Posted[] = [];
    let status = 200;
    const url = await startReceiver(posted, () => status);
    const sink = sinkOf({ to: "webhook", url, token: "secret-token" });
    await sink.deliver(['{"a":1}', '{"b":2}']);
    expect(posted).toEqual([
      { authorization: "Bearer secret-token", type: "application/x-ndjson", body: '{"a":1}\n{"b":2}\n' },
    ]);
    status = 503;
    const failure = await failureOf(sink.deliver(["{}"]));
    expect(isPlumblineError(failure) && failure.nextMove).toBe("retry");
    expect(String(failure)).toMatch(/503/);
    expect(String(failure)).not.toContain("secret-token");
  });

  it("appends lines to a file of its owner's, and names the file that can't be written", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "plumbline-")), "audit.jsonl");
    const sink = sinkOf({ to: "file", path, fsync: true });
    await sink.deliver(["one"]);
    await sink.deliver(["two", "three"]);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const failure = await failureOf(
      sinkOf({ to: "file", path: join(path, "below"), fsync: false }).deliver(["x"]),
    );
    expect(String(failure)).toContain(join(path, "below"));
  });

  it("gets the last head of every ledger in each round, and again what it did not take", async () => {
    const { heads } = auditTables(auditKey(), auditChain("run", "chain", 3));
    const [first, second, third] = heads;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("Three are needed.");
    const taken: string[][] = [];
    let isThere = true;
    const failures: unknown[] = [];
    const clock = createManualClock(0);
    const publisher = createHeadPublisher({
      sinks: [
        {
          id: "s",
          deliver(lines) {
            if (!isThere) return Promise.reject(new Error("away"));
            taken.push([...lines]);
            return Promise.resolve();
          },
        },
      ],
      clock,
      intervalMs: 1000,
      onFailure: (error) => failures.push(error),
    });
    publisher.offer([first, second]);
    await publisher.flush();
    await publisher.flush();
    expect(taken).toEqual([[JSON.stringify(second)]]);
    isThere = false;
    publisher.offer([third]);
    await publisher.flush();
    expect(failures).toHaveLength(1);
    isThere = true;
    await publisher.close();
    expect(taken.at(-1)).toEqual([JSON.stringify(third)]);
  });
});
