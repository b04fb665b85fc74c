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

export const defaultConnectionCounts: ConnectionCounts = { writer: 2, reader: 2, untrusted: 1 };

/** Opens a client whose every statement runs with the settings of the role. */
export type OpenClient = (role: ConnectionRole) => Promise<ClickHouseClient>;

type Pools = Record<ConnectionRole, ConnectionPool<ClickHouseClient>>;

/** An engine over `@clickhouse/client`; what the clients are connected to is all that differs between deployments. */
class ClientEngine implements Engine {
  readonly #clients: readonly ClickHouseClient[];
  readonly #pools: Pools;

  constructor(clients: readonly ClickHouseClient[], pools: Pools) {
    this.#clients = clients;
    this.#pools = pools;
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
        query: `INSERT INTO ${table} (${names}) FORMAT JSONEachRow`,
        values: Readable.from([lines], { objectMode: false }),
        // On every insert: the embedded engine keeps a setting for the statements that follow.
        clickhouse_settings: { insert_deduplication_token: token },
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

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
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
  const clients: ClickHouseClient[] = [];
  const pools: Partial<Pools> = {};
  for (const role of connectionRoles) {
    const own: ClickHouseClient[] = [];
    for (let index = 0; index < counts[role]; index += 1) own.push(await open(role));
    clients.push(...own);
    pools[role] = new ConnectionPool(own);
  }
  return new ClientEngine(clients, pools as Pools);
}
