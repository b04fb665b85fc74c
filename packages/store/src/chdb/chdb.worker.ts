import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { Session } from "chdb";
import { createChdbConnection } from "chdb/connection";
import { openClientEngine } from "../engine/client-engine.ts";
import { toDatabaseError } from "../engine/database-error.ts";
import type { ConnectionRole, Engine } from "../engine/engine.ts";
import { settingsOf } from "../engine/role-settings.ts";
import { type RowFilters, rowFilterSettings } from "../engine/row-filters.ts";
import { quotedText } from "../engine/sql-text.ts";
import { databaseName } from "../rows/tables.ts";
import type { WorkerCall, WorkerReply, WorkerRequest, WorkerSetup } from "./worker-protocol.ts";

/*
 * Thread that owns the embedded database. Settings stay with a connection once they were said, so each connection says
 * its own once, when it is opened.
 */

const setup = workerData as WorkerSetup;

function settingText(value: string | number): string {
  return typeof value === "number" ? String(value) : quotedText(value);
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>["connection"]>;

/** The library is compiled against another copy of the same interface, whose private members alone differ. */
function connect(): ClientConnection {
  return createChdbConnection({ path: setup.directory }) as unknown as ClientConnection;
}

async function openClient(role: ConnectionRole, rowFilters?: RowFilters): Promise<ClickHouseClient> {
  const client = createClient({ connection: connect() });
  // People write table names without the database; it has to be there to be used.
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${databaseName}` });
  await client.command({ query: `USE ${databaseName}` });
  const settings = { ...rowFilterSettings(rowFilters), ...settingsOf(role, setup.untrustedLimits) };
  for (const [name, value] of Object.entries(settings)) {
    await client.command({ query: `SET ${name} = ${settingText(value)}` });
  }
  return client;
}

async function run(engine: Engine, call: WorkerCall): Promise<string> {
  switch (call.kind) {
    case "command":
      await engine.command(call.sql);
      return "";
    case "insert":
      await engine.insert(call.insert);
      return "";
    case "query":
      return engine.query(call.query);
    case "use-database":
      await engine.useDatabase(call.name);
      return "";
    case "close":
      await engine.close();
      return "";
  }
}

async function answer(id: number, work: () => Promise<string>): Promise<WorkerReply> {
  try {
    return { id, text: await work() };
  } catch (thrown) {
    const { message, code } = toDatabaseError(thrown);
    return { id, failure: { message, code } };
  }
}

async function serve(port: MessagePort): Promise<void> {
  // Memory limits belong to the process-wide engine: the first session to open the directory sets them.
  const session = new Session(setup.directory, {
    connectionArgs: [
      `--max_server_memory_usage=${String(setup.maxMemoryBytes)}`,
      `--mark_cache_size=${String(setup.markCacheBytes)}`,
    ],
  });
  const engine = await openClientEngine(openClient, setup.connections);
  port.on("message", ({ id, call }: WorkerRequest) => {
    void answer(id, () => run(engine, call)).then((reply) => {
      if (call.kind === "close") session.close();
      port.postMessage(reply);
      if (call.kind === "close") port.close();
    });
  });
}

if (parentPort !== null) {
  const port = parentPort;
  port.postMessage(
    await answer(0, async () => {
      await serve(port);
      return "";
    }),
  );
}
