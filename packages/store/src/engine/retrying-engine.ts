import type { Clock } from "@plumbline/contracts";
import { toDatabaseError } from "./database-error.ts";
import type { Engine } from "./engine.ts";

/** Too many queries, socket timeout, network error, memory limit, read-only replica, too many parts, keeper error. */
const passingCodes: ReadonlySet<number> = new Set([202, 209, 210, 241, 242, 252, 319, 999]);

export interface RetryOptions {
  clock: Clock;
  attempts: number;
  firstPauseMs: number;
}

function mayPass(thrown: unknown): boolean {
  const { code } = toDatabaseError(thrown);
  return code === undefined || passingCodes.has(code);
}

/**
 * Repeats what failed on the way to the database or for a reason that passes. Inserts carry a token and statements may run
 * twice, so a repetition does no harm; what a person asked is not repeated.
 */
export function retryingEngine(engine: Engine, options: RetryOptions): Engine {
  const { clock, attempts, firstPauseMs } = options;

  async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (thrown) {
        if (attempt === attempts || !mayPass(thrown)) throw thrown;
        await clock.sleep(firstPauseMs * 2 ** (attempt - 1));
      }
    }
  }

  return {
    command: (sql) => patiently(() => engine.command(sql)),
    insert: (insert) => patiently(() => engine.insert(insert)),
    query: (query) =>
      query.role === "untrusted" ? engine.query(query) : patiently(() => engine.query(query)),
    useDatabase: (name) => patiently(() => engine.useDatabase(name)),
    close: () => engine.close(),
  };
}
