import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface ServiceOptions {
  /** For messages and folder names. */
  name: string;
  binary: string;
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Answers 200 when the service is ready. */
  readyUrl: string;
}

const readyWithinMs = 30_000;
const pollMs = 25;

/** A service in a process of its own, which can be killed and started again. */
export class ServiceProcess {
  readonly #options: ServiceOptions;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(options: ServiceOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), `plumbline-${options.name}-`));
  }

  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    const service = new ServiceProcess(options);
    try {
      await service.restart();
    } catch (error) {
      await service.dispose();
      throw error;
    }
    return service;
  }

  /** Starts it again after it ended, and waits until it is ready. */
  async restart(): Promise<void> {
    const { binary, args, environment } = this.#options;
    const log = openSync(this.#logFile, "a");
    this.#process = spawn(binary, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    await this.#ready();
  }

  get processId(): number {
    return this.#process?.pid ?? 0;
  }

  /** What it wrote to both streams since the first start. */
  log(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  /** Ends it with SIGTERM, as an operator would. */
  stop(): Promise<void> {
    return this.#signal("SIGTERM");
  }

  /** Ends it with SIGKILL. */
  kill(): Promise<void> {
    return this.#signal("SIGKILL");
  }

  /** Ends it and takes its log away. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.#folder, "service.log");
  }

  async #ready(): Promise<void> {
    for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += pollMs) {
      if (this.#hasEnded()) throw new Error(`${this.#options.name} ended at once:\n${this.#lastLines()}`);
      if (await answers(this.#options.readyUrl)) return;
      await sleep(pollMs);
    }
    throw new Error(`${this.#options.name} did not get ready:\n${this.#lastLines()}`);
  }

  #hasEnded(): boolean {
    const running = this.#process;
    return running === undefined || running.exitCode !== null || running.signalCode !== null;
  }

  #lastLines(): string {
    return this.log().split("\n").slice(-20).join("\n");
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    if (running === undefined || this.#hasEnded()) return;
    const ended = once(running, "exit");
    running.kill(signal);
    await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
