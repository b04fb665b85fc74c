import { type Bus, createMemoryBus } from "@plumbline/bus";
import { type ConsoleConfig, consoleSettingsSchema, createConsole } from "@plumbline/console";
import {
  type Command,
  RejectedError,
  commandSchema,
  systemClock,
  topic,
  topicSpecs,
} from "@plumbline/contracts";
import { createSequentialIds } from "@plumbline/contracts/testing";
import type { Store } from "@plumbline/store";
import { onTestFinished } from "vitest";
import { type MemoryRows, createMemoryRunQueries, noRows } from "./memory-run-queries.ts";

/** A store that keeps what is inserted and answers one query. */
export function createMemoryStore(): Store & {
  inserted: { table: string; item: unknown; token: string }[];
  /** Tenants that people's statements were restricted to. */
  askedFor: (string | undefined)[];
} {
  const inserted: { table: string; item: unknown; token: string }[] = [];
  const askedFor: (string | undefined)[] = [];
  return {
    inserted,
    migrate: () => Promise.resolve(),
    insert: (table, items, token) => {
      inserted.push(...items.map((item) => ({ table, item, token })));
      return Promise.resolve({ inserted: items.length, rejected: [] });
    },
    query: () => Promise.resolve([]),
    askedFor,
    queryUntrusted: (sql, tenantId) => {
      askedFor.push(tenantId);
      return sql.startsWith("SELECT")
        ? Promise.resolve({
            columns: [{ name: "n", type: "UInt8" }],
            rows: [{ n: 1 }],
            truncated: false,
            elapsedMs: 1,
          })
        : Promise.reject(new RejectedError("Only one SELECT is allowed.", { code: "SQL_REJECTED" }));
    },
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export interface RunningConsole {
  url: string;
  bus: Bus;
  rows: MemoryRows;
  store: ReturnType<typeof createMemoryStore>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** With the header for changes. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  commands(): Promise<{ key: string | null; command: Command }[]>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function readCommands(bus: Bus): Promise<{ key: string | null; command: Command }[]> {
  const commands: { key: string | null; command: Command }[] = [];
  const tail = await bus.tail({
    topic: topic.commands,
    from: "beginning",
    onRecord: ({ key, value }) =>
      commands.push({ key, command: commandSchema.parse(JSON.parse(Buffer.from(value).toString())) }),
  });
  await tail.caughtUp;
  await tail.close();
  return commands;
}

/** A console on a free port over a memory bus and rows in memory; closed when the test is over. */
export async function startConsole(
  rows: Partial<MemoryRows> = {},
  settings: ConsoleConfig = {},
): Promise<RunningConsole> {
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(2));
  const store = createMemoryStore();
  const held = { ...noRows(), ...rows };
  const operatorApi = createConsole({
    bus,
    store,
    clock: systemClock,
    ids: createSequentialIds("command"),
    settings: consoleSettingsSchema.parse({ port: 0, drainMs: 500, watchIntervalMs: 20, ...settings }),
    reader: createMemoryRunQueries(held),
  });
  const { port } = await operatorApi.listen();
  onTestFinished(async () => {
    await operatorApi.close();
    await bus.close();
  });
  const url = `http://127.0.0.1:${String(port)}`;
  return {
    url,
    bus,
    rows: held,
    store,
    get: async (path, headers = {}) => answerOf(await fetch(`${url}${path}`, { headers })),
    post: async (path, body, headers = { "plumbline-request": "1" }) =>
      answerOf(
        await fetch(`${url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      ),
    commands: () => readCommands(bus),
    close: () => operatorApi.close(),
  };
}
