import type { Spool, SpooledRecord } from "./spool.ts";

/** For processes without a writable directory: records live as long as the process. */
export function createMemorySpool(): Spool {
  let lastId = 0;
  const kept = new Map<number, SpooledRecord>();
  function add(record: string): SpooledRecord {
    lastId += 1;
    const spooled = { id: lastId, record };
    kept.set(lastId, spooled);
    return spooled;
  }

  return {
    add,
    addAll: (records) => records.map((record) => add(record)),
    remove(ids) {
      for (const id of ids) kept.delete(id);
    },
    after: (id, limit) => [...kept.values()].filter((spooled) => spooled.id > id).slice(0, limit),
    adopt: () => [],
  };
}
