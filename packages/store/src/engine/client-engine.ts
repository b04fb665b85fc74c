import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ClickHouseClient } from "@clickhouse/client";
import { ConnectionPool } from "./connection-pool.ts";
import { toDatabaseError } from "./database-error.ts";
import {
  type ConnectionRole,
  type Engine,
  type EngineInsert,
  type EngineQuery,
  connectionRoles,
} from "./engine.ts";

export type ConnectionCounts = Readonly<Record<ConnectionRole, number>>;

/** Opens a client whose every statement runs with the settings of the role. */
export type OpenClient = (role: ConnectionRole) => Promise<ClickHouseClient>;

type Clients = Readonly<Record<ConnectionRole, readonly ClickHouseClient[]>>;
type Pools = Record<ConnectionRole, ConnectionPool<ClickHouseClient>>;

/** A text literal of SQL. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

/** An engine over `@clickhouse/client`; what the clients are connected to is all that differs between deployments. */
class ClientEngine implements Engine {
  readonly #clients: Clients;
  readonly #pools: Pools;

  constructor(clients: Clients) {
    this.#clients = clients;
    this.#pools = {
      writer: new ConnectionPool(clients.writer),
      reader: new ConnectionPool(clients.reader),
      untrusted: new ConnectionPool(clients.untrusted),
    };
  }

  command(sql: string): Promise<void> {
    return this.#on("writer", async (client) => {
      await client.command({ query: sql });
    });
  }

  insert({ table, columns, lines, token }: EngineInsert): Promise<void> {
    const names = columns.map((column) => `\`${column}\``).join(", ");
    return this.#on("writer", async (client) => {
      const { stream } = await client.exec({
        // Within the statement: said apart from it, the embedded engine would keep the token for the statements that follow.
        query: `INSERT INTO ${table} (${names}) SETTINGS insert_deduplication_token = ${quoted(token)} FORMAT JSONEachRow`,
        values: Readable.from([lines], { objectMode: false }),
      });
      stream.resume();
    });
  }

  query({ role, sql, parameters, format }: EngineQuery): Promise<string> {
    return this.#on(role, async (client) => {
      if (format === "TabSeparated") {
        const { stream } = await client.exec({ query: sql, clickhouse_settings: { default_format: format } });
        return text(stream);
      }
      const bound = parameters === undefined ? {} : { query_params: { ...parameters } };
      const result = await client.query({ query: sql, format, ...bound });
      return result.text();
    });
  }

  async useDatabase(name: string): Promise<void> {
    const { untrusted } = this.#clients;
    await Promise.all(untrusted.map((client) => client.command({ query: `USE ${name}` }))).catch(
      (error: unknown) => {
        throw toDatabaseError(error);
      },
    );
  }

  async close(): Promise<void> {
    const all = connectionRoles.flatMap((role) => this.#clients[role]);
    await Promise.all(all.map((client) => client.close()));
  }

  async #on<Result>(
    role: ConnectionRole,
    work: (client: ClickHouseClient) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.#pools[role].use(work);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }
}

/** @throws what opening a client throws */
export async function openClientEngine(open: OpenClient, counts: ConnectionCounts): Promise<Engine> {
  const openAll = async (role: ConnectionRole): Promise<ClickHouseClient[]> => {
    const clients: ClickHouseClient[] = [];
    for (let index = 0; index < counts[role]; index += 1) clients.push(await open(role));
    return clients;
  };
  const [writer, reader, untrusted] = [
    await openAll("writer"),
    await openAll("reader"),
    await openAll("untrusted"),
  ];
  return new ClientEngine({ writer, reader, untrusted });
}
