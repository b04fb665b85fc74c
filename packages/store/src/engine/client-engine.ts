import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ClickHouseClient } from "@clickhouse/client";
import { ConnectionPool } from "./connection-pool.ts";
import { toDatabaseError } from "./database-error.ts";
import type { RowFilters } from "./row-filters.ts";
import { quotedText } from "./sql-text.ts";
import {
  type ConnectionRole,
  type Engine,
  type EngineInsert,
  type EngineQuery,
  connectionRoles,
} from "./engine.ts";

export type ConnectionCounts = Readonly<Record<ConnectionRole, number>>;

/** Opens a client whose every statement runs with the settings of the role, and sees what the filters let it see. */
export type OpenClient = (role: ConnectionRole, rowFilters?: RowFilters) => Promise<ClickHouseClient>;

type Clients = Readonly<Record<ConnectionRole, readonly ClickHouseClient[]>>;
type Pools = Record<ConnectionRole, ConnectionPool<ClickHouseClient>>;

async function resultOf(client: ClickHouseClient, { sql, parameters, format }: EngineQuery): Promise<string> {
  if (format === "TabSeparated") {
    const { stream } = await client.exec({ query: sql, clickhouse_settings: { default_format: format } });
    return text(stream);
  }
  const bound = parameters === undefined ? {} : { query_params: { ...parameters } };
  const result = await client.query({ query: sql, format, ...bound });
  return result.text();
}

/** An engine over `@clickhouse/client`; what the clients are connected to is all that differs between deployments. */
class ClientEngine implements Engine {
  readonly #clients: Clients;
  readonly #pools: Pools;
  readonly #open: OpenClient;

  constructor(clients: Clients, open: OpenClient) {
    this.#clients = clients;
    this.#open = open;
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
        query: `INSERT INTO ${table} (${names}) SETTINGS insert_deduplication_token = ${quotedText(token)} FORMAT JSONEachRow`,
        values: Readable.from([lines], { objectMode: false }),
      });
      stream.resume();
    });
  }

  query(query: EngineQuery): Promise<string> {
    const { role, rowFilters } = query;
    return this.#on(role, (client) =>
      rowFilters === undefined ? resultOf(client, query) : this.#queryFiltered(query, rowFilters),
    );
  }

  /** On a connection of its own: what a connection may see is said once and can't be said otherwise afterwards. */
  async #queryFiltered(query: EngineQuery, rowFilters: RowFilters): Promise<string> {
    const client = await this.#open(query.role, rowFilters);
    try {
      return await resultOf(client, query);
    } finally {
      await client.close();
    }
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
  return new ClientEngine({ writer, reader, untrusted }, open);
}
