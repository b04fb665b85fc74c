import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Directive } from "@plumbline/contracts";
import { afterAll, vi } from "vitest";
import { createOperatorClient, type OperatorClient } from "../../../packages/cli/src/api/operator-client.ts";
import { directiveAt } from "../../services/support/held-directives.ts";
import {
  createPlace,
  type PlumblinePlace,
  type PlumblineProcess,
  startPlumbline,
} from "./plumbline-process.ts";

/** How long what was sent may take to show. */
export const arrival = { timeout: 20_000, interval: 100 };

/** `plumbline up` that can be killed and started again where it was. */
export class UpProcess {
  readonly place: PlumblinePlace;
  readonly client: OperatorClient;
  readonly #options: readonly string[];
  #running: PlumblineProcess;

  private constructor(place: PlumblinePlace, options: readonly string[], running: PlumblineProcess) {
    this.place = place;
    this.#options = options;
    this.#running = running;
    this.client = createOperatorClient({
      url: `http://127.0.0.1:${String(place.apiPort)}`,
      token: undefined,
    });
  }

  /** @param options of the command line */
  static async start(place: PlumblinePlace, options: readonly string[] = []): Promise<UpProcess> {
    return new UpProcess(place, options, await startPlumbline(place, options));
  }

  /** Where it takes OTLP over HTTP and gives directives. */
  get otlpUrl(): string {
    return `http://127.0.0.1:${String(this.place.otlpHttpPort)}`;
  }

  async post(path: string, body: unknown): Promise<number> {
    const response = await fetch(`${this.otlpUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async count(sql: string): Promise<number> {
    const { rows } = await this.client.sql(sql);
    return Number(rows[0]?.["N"] ?? -1);
  }

  /** The run's directive, once it wants what it should. */
  directive(runId: string, desired: Directive["desired"]): Promise<Directive> {
    return vi.waitFor(async () => {
      const held = await directiveAt(this.otlpUrl, runId);
      if (held?.desired !== desired) throw new Error(`${runId} is to be ${held?.desired ?? "let alone"}.`);
      return held;
    }, arrival);
  }

  async killAndRestart(): Promise<void> {
    await this.#running.killHard();
    this.#running = await startPlumbline(this.place, this.#options);
  }

  async stop(): Promise<void> {
    await this.#running.stop();
  }
}

/** `plumbline up` in a directory of its own, until the tests of the file are over. */
export async function serveUp(): Promise<UpProcess> {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-up-"));
  const up = await UpProcess.start(await createPlace(directory));
  afterAll(async () => {
    await up.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return up;
}
