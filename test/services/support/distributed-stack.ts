import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClickhouseStore, type Store } from "@plumbline/store";
import { createOperatorClient, type OperatorClient } from "../../../packages/cli/src/api/operator-client.ts";
import { startChdbHttpServer, type ChdbHttpServer } from "../../pipeline/support/start-chdb-http-server.ts";
import { Cleanup } from "../harness/cleanup.ts";
import { KafkaBroker } from "../harness/kafka.ts";
import { runToItsEnd, startPart, type PlumblinePart } from "./plumbline-part.ts";

const dyingAnalyzer = fileURLToPath(new URL("../crash-points/dying-analyzer.ts", import.meta.url));

export interface DistributedStackOptions {
  /** One that is there already, and stays; its own when absent. */
  broker?: KafkaBroker;
  /** Default: 4. */
  partitions?: number;
  /** How many to begin with. Default: 2. */
  analyzers?: number;
  /** For every Plumbline process. */
  environment?: Readonly<Record<string, string>>;
}

/** A real broker, a stand-in for a ClickHouse server, two analyzers, a collector with its gateway, and a console. */
export class DistributedStack {
  readonly dataDirectory: string;
  readonly broker: KafkaBroker;
  readonly analyzers: PlumblinePart[] = [];
  readonly #environment: Record<string, string>;
  readonly #analyzerCount: number;
  readonly #storeDirectory: string;
  readonly #cleanup: Cleanup;
  #storeServer: ChdbHttpServer;
  #parts: { collector: PlumblinePart; console: PlumblinePart } | undefined;

  private constructor(place: {
    broker: KafkaBroker;
    storeServer: ChdbHttpServer;
    directory: string;
    options: DistributedStackOptions;
    cleanup: Cleanup;
  }) {
    const { broker, storeServer, directory, options, cleanup } = place;
    this.broker = broker;
    this.dataDirectory = join(directory, "data");
    this.#storeDirectory = join(directory, "store");
    this.#storeServer = storeServer;
    this.#cleanup = cleanup;
    this.#analyzerCount = options.analyzers ?? 2;
    this.#environment = {
      PLUMBLINE_BUS: `kafka://${broker.brokers.join(",")}`,
      PLUMBLINE_STORE: storeServer.url,
      PLUMBLINE_DATA_DIR: this.dataDirectory,
      PLUMBLINE_PARTITIONS: String(options.partitions ?? 4),
      PLUMBLINE_PROFILE: "enforce",
      ...options.environment,
    };
  }

  static async start(options: DistributedStackOptions = {}): Promise<DistributedStack> {
    const cleanup = new Cleanup();
    const directory = mkdtempSync(join(tmpdir(), "plumbline-distributed-"));
    cleanup.add(directory, (path) => {
      rmSync(path, { recursive: true, force: true });
      return Promise.resolve();
    });
    try {
      const broker = options.broker ?? cleanup.add(await KafkaBroker.start(), (started) => started.dispose());
      const storeServer = await startChdbHttpServer(join(directory, "store"));
      const stack = new DistributedStack({ broker, storeServer, directory, options, cleanup });
      cleanup.add(stack, (started) => started.stopStore());
      await stack.#startParts();
      return stack;
    } catch (error) {
      await cleanup.run();
      throw error;
    }
  }

  get collector(): PlumblinePart {
    return this.#started().collector;
  }

  get console(): PlumblinePart {
    return this.#started().console;
  }

  /** One more analyzer. The first one makes the signing key. */
  async addAnalyzer(): Promise<PlumblinePart> {
    const analyzer = await this.#start("analyzer");
    this.analyzers.push(analyzer);
    return analyzer;
  }

  /** Runs an analyzer that kills itself after one of its writes; resolves with the signal or exit code that ended it. */
  runDyingAnalyzer(write: string, times: number): Promise<string> {
    return runToItsEnd(dyingAnalyzer, [write, String(times)], this.#environment);
  }

  client(): OperatorClient {
    return createOperatorClient({ url: this.console.url, token: undefined });
  }

  /** The tables themselves, without the limits of the operator API. */
  async readStore<Row>(sql: string): Promise<Row[]> {
    const store: Store = await createClickhouseStore({ url: this.#storeServer.url });
    try {
      return await store.query<Row>({ sql });
    } finally {
      await store.close();
    }
  }

  stopStore(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    return this.#storeServer.stop(signal);
  }

  /** On the same port and directory. */
  async restartStore(): Promise<void> {
    this.#storeServer = await startChdbHttpServer(this.#storeDirectory, this.#storeServer.port);
  }

  /** What every process that is there wrote to its log. */
  logs(): string {
    const all = [...this.analyzers, this.collector, this.console];
    return all.map(({ url, process: service }) => `--- ${url}\n${service.log()}`).join("\n");
  }

  dispose(): Promise<void> {
    return this.#cleanup.run();
  }

  async #startParts(): Promise<void> {
    await this.addAnalyzer();
    const others = Array.from({ length: this.#analyzerCount - 1 }, () => this.addAnalyzer());
    const [collector, operatorApi] = await Promise.all([this.#start("collector"), this.#start("console")]);
    await Promise.all(others);
    this.#parts = { collector, console: operatorApi };
  }

  async #start(part: "analyzer" | "collector" | "console"): Promise<PlumblinePart> {
    const started = await startPart(part, this.#environment);
    return this.#cleanup.add(started, ({ process: service }) => service.dispose());
  }

  #started(): { collector: PlumblinePart; console: PlumblinePart } {
    if (this.#parts === undefined) throw new Error("The stack is not up yet.");
    return this.#parts;
  }
}
