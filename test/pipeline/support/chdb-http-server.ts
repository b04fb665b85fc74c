/**
 * Stands in for a ClickHouse server: the part of ClickHouse's HTTP interface that `@clickhouse/client` uses, over chdb, in a process of
 * its own. It is not a ClickHouse server: one session per set of settings, results in one piece, no users but one.
 * Arguments: directory, port (0 for any). Says `listening <port>` on stdout. The password is `secret`.
 */
import { writeSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { Session } from "../../../packages/store/src/contract/chdb-session.contract.ts";

const [directory = "", port = "0"] = process.argv.slice(2);
const password = "secret";

/** Parameters of a request that are no settings. */
const notSettings = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "session_id",
  "role",
  "enable_http_compression",
  "wait_end_of_query",
]);

interface Connection {
  session: Session;
  /** The engine runs one statement at a time on a session. */
  last: Promise<unknown>;
}

// The first session opens the directory; the others share it.
const keeper = new Session(directory);
const connections = new Map<string, Connection>();

const literal = (text: string): string => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;

/** Settings of the request, `readonly` last: nothing can be set after it. */
function settingsOf(parameters: URLSearchParams): [string, string][] {
  return [...parameters]
    .filter(([name]) => !notSettings.has(name) && !name.startsWith("param_"))
    .toSorted(([a], [b]) => Number(a === "readonly") - Number(b === "readonly"));
}

async function connectionFor(parameters: URLSearchParams): Promise<Connection> {
  const settings = settingsOf(parameters);
  const database = parameters.get("database") ?? "default";
  const key = JSON.stringify([database, settings]);
  const known = connections.get(key);
  if (known !== undefined) return known;
  const session = new Session(directory);
  await session.queryAsync(`USE ${database}`);
  for (const [name, value] of settings) await session.queryAsync(`SET ${name} = ${literal(value)}`);
  const connection = { session, last: Promise.resolve() };
  connections.set(key, connection);
  return connection;
}

async function run(parameters: URLSearchParams, body: string): Promise<Uint8Array> {
  const connection = await connectionFor(parameters);
  const { session } = connection;
  const query = parameters.get("query");
  const sql = query === null ? body : `${query}\n${body}`;
  const work = connection.last.then(async () => {
    for (const [name, value] of parameters) {
      if (name.startsWith("param_")) await session.queryAsync(`SET ${name} = ${literal(value)}`);
    }
    const result = await session.queryAsync(sql, {
      format: parameters.get("default_format") ?? "TabSeparated",
    });
    return result.bytes();
  });
  connection.last = work.catch(() => undefined);
  return work;
}

function isAllowedIn(request: IncomingMessage): boolean {
  const [scheme, encoded = ""] = (request.headers.authorization ?? "").split(" ");
  return scheme === "Basic" && Buffer.from(encoded, "base64").toString() === `default:${password}`;
}

function refuse(response: ServerResponse, message: string): void {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? "1000";
  response.writeHead(500, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": code,
  });
  response.end(`${message}\n`);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://server");
  if (url.pathname === "/ping") {
    response.end("Ok.\n");
    return;
  }
  const raw = await buffer(request);
  if (!isAllowedIn(request)) {
    refuse(response, "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)");
    return;
  }
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  const bytes = await run(url.searchParams, body.toString("utf8"));
  response.writeHead(200, { "content-type": "text/plain; charset=UTF-8", "x-clickhouse-summary": "{}" });
  response.end(bytes);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => refuse(response, String(error)));
});
server.listen(Number(port), "127.0.0.1", () => {
  writeSync(1, `listening ${String((server.address() as AddressInfo).port)}\n`);
});
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  for (const { session } of connections.values()) session.close();
  keeper.close();
});
