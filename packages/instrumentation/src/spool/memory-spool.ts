import type { Spool } from "./spool.ts";

/** For processes without a writable directory: records live as long as the process. */
export function createMemorySpool(): Spool {
  let lastId = 0;
  return {
    add(record) {
      lastId += 1;
      return { id: lastId, record };
    },
    remove: () => undefined,
    adopt: () => [],
  };
}
