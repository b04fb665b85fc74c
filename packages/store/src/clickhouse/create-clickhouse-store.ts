import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import { type Clock, SetupError, systemClock } from "@plumbline/contracts";
import { EngineStore } from "../engine-store.ts";
import { type ConnectionCounts, openClientEngine } from "../engine/client-engine.ts";
import type { ConnectionRole } from "../engine/engine.ts";
import { type RowFilters, rowFilterSettings } from "../engine/row-filters.ts";
import { retryingEngine } from "../engine/retrying-engine.ts";
import { type UntrustedLimits, defaultUntrustedLimits, settingsOf } from "../engine/role-settings.ts";
import { databaseName } from "../rows/tables.ts";
import type { RetentionDays } from "../migrate/retention.ts";
import type { Store } from "../store.ts";

export interface ClickhouseStoreOptions {
  /**
   * `http://`, `https://`, `clickhouse://host[:port]` for plain HTTP on 8123, or `clickhouses://host[:port]` for TLS on
   * 8443. User and password may stand in it.
   */
  url: string;
  username?: string;
  password?: string;
  requestTimeoutMs?: number;
  connections?: Partial<ConnectionCounts>;
  untrustedLimits?: Partial<UntrustedLimits>;
  retentionDays?: Partial<RetentionDays>;
  clock?: Clock;
}

const defaultConnections: ConnectionCounts = { writer: 2, reader: 4, untrusted: 2 };
const retries = { attempts: 4, firstPauseMs: 250 };

const defaultPorts: Readonly<Record<string, string>> = { "http:": "8123", "https:": "8443" };

function serverUrl(url: string): URL {
  const plain = url.replace(/^clickhouse(s?):\/\//, "http$1://");
  const parsed = URL.canParse(plain) ? new URL(plain) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new SetupError("The address of the ClickHouse server is not a URL that can be used.", {
      code: "STORE_URL",
      mend: "Write it as clickhouse://user:password@host:8123, or clickhouses://… for TLS.",
    });
  }
  const isPortGiven = /:\d+(?:[/?#]|$)/.test(url);
  if (!isPortGiven && plain !== url) parsed.port = defaultPorts[parsed.protocol] ?? "";
  return parsed;
}

/** Settings that only make sense over HTTP: an error halfway is an error, not the end of a result. */
function httpSettings(role: ConnectionRole): ClickHouseSettings {
  return role === "writer" ? {} : { wait_end_of_query: 1 };
}

/**
 * The tables in a ClickHouse server. Opens no connection yet: {@link Store.check} tells whether the server answers.
 * @throws SetupError when the address is no URL
 */
export async function createClickhouseStore(options: ClickhouseStoreOptions): Promise<Store> {
  const untrustedLimits = { ...defaultUntrustedLimits, ...options.untrustedLimits };
  const url = serverUrl(options.url);

  function openClient(role: ConnectionRole, rowFilters?: RowFilters): Promise<ClickHouseClient> {
    const client = createClient({
      url,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      application: "plumbline",
      // What fails is told to the caller, who logs it.
      log: { level: ClickHouseLogLevel.OFF },
      request_timeout: options.requestTimeoutMs ?? 90_000,
      max_open_connections: 1,
      keep_alive: { enabled: true, eagerly_destroy_stale_sockets: true },
      // Unqualified names are for people only; every statement of ours names the database.
      ...(role === "untrusted" ? { database: databaseName } : {}),
      clickhouse_settings: {
        ...rowFilterSettings(rowFilters),
        ...settingsOf(role, untrustedLimits),
        ...httpSettings(role),
      },
    });
    return Promise.resolve(client);
  }

  const engine = await openClientEngine(openClient, { ...defaultConnections, ...options.connections });
  const retrying = retryingEngine(engine, { clock: options.clock ?? systemClock, ...retries });
  return new EngineStore(retrying, untrustedLimits, options.retentionDays);
}
