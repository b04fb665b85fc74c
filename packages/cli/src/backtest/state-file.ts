import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BacktestSnapshot } from "@plumbline/analyzer";

/** How far a backtest came. */
export interface BacktestState {
  version: 1;
  /** Fixed by the first process, so that one that goes on means the same span of time. */
  sinceMs: number;
  /** Names of the units that are in the snapshot. */
  done: string[];
  snapshot: BacktestSnapshot;
}

/** Where the state of one source is kept, readable by its owner only: it holds what agents said and did. */
export class StateFile {
  readonly path: string;
  readonly #directory: string;

  /** `key` tells sources apart; only its hash is kept. */
  constructor(dataDirectory: string, key: string) {
    this.#directory = join(dataDirectory, "backtest");
    const name = createHash("sha256").update(key).digest("hex").slice(0, 24);
    this.path = join(this.#directory, `${name}.json`);
  }

  /** Undefined when there is none, or none that this version understands. */
  async load(): Promise<BacktestState | undefined> {
    const text = await readFile(this.path, "utf8").catch(() => "");
    try {
      const state = JSON.parse(text) as BacktestState;
      return state.version === 1 && state.snapshot.version === 1 ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaces the state as a whole or not at all. */
  async save(state: BacktestState): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const next = `${this.path}.next`;
    await writeFile(next, JSON.stringify(state), { mode: 0o600 });
    await rename(next, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
