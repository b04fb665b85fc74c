import type { SqlResult } from "@plumbline/contracts";
import { callerErrorOf } from "./engine/caller-error.ts";
import { toDatabaseError } from "./engine/database-error.ts";
import type { Engine } from "./engine/engine.ts";
import { parseRows } from "./engine/parse-rows.ts";
import type { UntrustedLimits } from "./engine/role-settings.ts";
import { splitBatches } from "./insert/batches.ts";
import { encodeItems } from "./insert/encode-items.ts";
import { insertLines } from "./insert/insert-lines.ts";
import { migrate } from "./migrate/migrate.ts";
import { type RetentionDays, defaultRetentionDays } from "./migrate/retention.ts";
import { databaseName, tableMappings } from "./rows/tables.ts";
import type { InsertResult, RejectedItem, Store, StoreQuery, TableItems, TableName } from "./store.ts";
import { runUntrusted } from "./untrusted/run-untrusted.ts";

/** The store over any engine. */
export class EngineStore implements Store {
  readonly #engine: Engine;
  readonly #untrustedLimits: UntrustedLimits;
  readonly #retentionDays: RetentionDays;

  /** @param retentionDays applied by {@link EngineStore.migrate}; what is left out has its default */
  constructor(engine: Engine, untrustedLimits: UntrustedLimits, retentionDays?: Partial<RetentionDays>) {
    this.#engine = engine;
    this.#untrustedLimits = untrustedLimits;
    this.#retentionDays = { ...defaultRetentionDays, ...retentionDays };
  }

  migrate(): Promise<void> {
    return migrate(this.#engine, this.#retentionDays);
  }

  async insert<Name extends TableName>(
    table: Name,
    items: readonly TableItems[Name][],
    token: string,
  ): Promise<InsertResult> {
    const encoded = await encodeItems<TableItems[Name]>(tableMappings[table], items);
    const { columns, lines } = encoded;
    const target = { engine: this.#engine, table: `${databaseName}.${table}`, columns };
    const rejected: RejectedItem[] = [...encoded.rejected];
    try {
      for (const [number, batch] of splitBatches(lines).entries()) {
        rejected.push(...(await insertLines(target, batch, `${token}#${String(number)}`)));
      }
    } catch (thrown) {
      throw callerErrorOf(toDatabaseError(thrown), `an insert into ${table}`);
    }
    return { inserted: items.length - rejected.length, rejected };
  }

  async query<Row>({ sql, parameters }: StoreQuery): Promise<Row[]> {
    const bound = parameters === undefined ? {} : { parameters };
    try {
      return parseRows<Row>(
        await this.#engine.query({ role: "reader", sql, format: "JSONEachRow", ...bound }),
      );
    } catch (thrown) {
      throw callerErrorOf(toDatabaseError(thrown), "a query");
    }
  }

  queryUntrusted(sql: string, tenantId?: string): Promise<SqlResult> {
    return runUntrusted(this.#engine, { sql, limits: this.#untrustedLimits, tenantId });
  }

  async check(): Promise<void> {
    await this.query({ sql: "SELECT 1" });
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
