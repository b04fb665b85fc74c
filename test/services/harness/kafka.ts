import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../free-port.ts";
import { java, kafkaClassPath } from "./kafka-distribution.ts";
import {
  type KafkaCredentials,
  brokerProperties,
  certificateFile,
  keyFile,
  scramArguments,
  secureProperties,
} from "./kafka-properties.ts";

export interface KafkaOptions {
  /** Clients have to come over TLS and give these by SASL (PLAIN or SCRAM); needs openssl. */
  credentials?: KafkaCredentials;
  /** Lines added to the broker's properties. */
  properties?: readonly string[];
}

const readyWithinMs = 60_000;

/** One Apache Kafka broker (KRaft, its own controller) on the loopback interface, with data that outlive a kill. */
export class KafkaBroker {
  /** What clients connect to. */
  readonly brokers: readonly string[];
  readonly #port: number;
  readonly #folder: string;
  readonly #classPath: string;
  #process: ChildProcess | undefined;

  private constructor(settings: { port: number; folder: string; classPath: string }) {
    this.#port = settings.port;
    this.#folder = settings.folder;
    this.#classPath = settings.classPath;
    this.brokers = [`127.0.0.1:${String(settings.port)}`];
  }

  /** Formats a data directory, starts a broker on a free port and waits until it answers. */
  static async start({ properties = [], credentials }: KafkaOptions = {}): Promise<KafkaBroker> {
    const [port, controllerPort] = [await freePort(), await freePort()];
    const folder = mkdtempSync(join(tmpdir(), "plumbline-kafka-"));
    const broker = new KafkaBroker({ port, folder, classPath: await kafkaClassPath() });
    const place = { port, controllerPort, folder };
    const secured = credentials === undefined ? [] : secureProperties(place, credentials);
    const lines = [...brokerProperties(place), ...secured, ...properties];
    writeFileSync(join(folder, "server.properties"), `${lines.join("\n")}\n`);
    mkdirSync(join(folder, "data"));
    broker.#format(credentials === undefined ? [] : scramArguments(credentials));
    await broker.restart();
    return broker;
  }

  /** Starts the broker again on the same port and data. */
  async restart(): Promise<void> {
    const log = openSync(this.#logFile, "a");
    const flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const args = [...flags, "-cp", this.#classPath, "kafka.Kafka", this.#propertiesFile];
    this.#process = spawn(java, args, { cwd: this.#folder, stdio: ["ignore", log, log] });
    await this.#ready();
  }

  /** Ends it with SIGTERM, as an operator would. */
  async stop(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** Ends it and takes its data away. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** In PEM; of a broker that wants credentials. */
  get certificate(): string {
    return readFileSync(this.certificateFile, "utf8");
  }

  /** How often the group was shared out since it came to be, as the broker counts. */
  groupGeneration(group: string): number {
    const told = readFileSync(this.#logFile, "utf8").matchAll(
      new RegExp(`Stabilized group ${group} generation (\\d+)`, "g"),
    );
    return Math.max(0, ...[...told].map(([, generation]) => Number(generation)));
  }

  get certificateFile(): string {
    return certificateFile(this.#folder);
  }

  get keyFile(): string {
    return keyFile(this.#folder);
  }

  /** In PEM; of the certificate. */
  get key(): string {
    return readFileSync(this.keyFile, "utf8");
  }

  get #logFile(): string {
    return join(this.#folder, "broker.log");
  }

  get #propertiesFile(): string {
    return join(this.#folder, "server.properties");
  }

  #format(more: readonly string[]): void {
    const tool = ["-cp", this.#classPath, "kafka.tools.StorageTool"];
    const args = [
      ...tool,
      "format",
      "--standalone",
      "-t",
      "x6HCNqj7TOuR7vUr7jB1aw",
      "-c",
      this.#propertiesFile,
      ...more,
    ];
    const formatted = spawnSync(java, args, { cwd: this.#folder, encoding: "utf8" });
    if (formatted.status !== 0)
      throw new Error(`Kafka's data directory could not be formatted: ${formatted.stderr}`);
  }

  async #ready(): Promise<void> {
    for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += 50) {
      if (this.#process?.exitCode !== null) throw new Error(`Kafka ended at once: ${this.#lastLines()}`);
      if (this.#log().includes("Kafka Server started") && (await accepts(this.#port))) return;
      await sleep(50);
    }
    throw new Error(`Kafka did not get ready: ${this.#lastLines()}`);
  }

  /** Of the current start only. */
  #log(): string {
    const text = readFileSync(this.#logFile, "utf8");
    return text.slice(Math.max(0, text.lastIndexOf("Starting controller")));
  }

  #lastLines(): string {
    return readFileSync(this.#logFile, "utf8").split("\n").slice(-30).join("\n");
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    running.kill(signal);
    await ended;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
