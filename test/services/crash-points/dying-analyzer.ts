/**
 * `plumbline analyzer` that kills itself with SIGKILL right after one of its writes, before anything can follow from it.
 * Arguments: name of the write (see writes.ts), and how many times it is made before the end.
 */
import type { Assignment, Bus, PartitionWorker } from "@plumbline/bus";
import type { Store } from "@plumbline/store";
import { openBackends } from "../../../packages/cli/src/compose/backends.ts";
import { startProcess } from "../../../packages/cli/src/compose/process.ts";
import { loadSettings } from "../../../packages/cli/src/config/load-settings.ts";
import { writeOfCommit, writeOfInsert, writeOfPublish, type WriteName } from "./writes.ts";

/** Counts one kind of write, and is the end when it has been made often enough. */
class Fuse {
  readonly #name: string;
  #left: number;

  constructor(name: string, times: number) {
    this.#name = name;
    this.#left = times;
  }

  made(name: WriteName | undefined): void {
    if (name !== this.#name) return;
    this.#left -= 1;
    if (this.#left === 0) process.kill(process.pid, "SIGKILL");
  }
}

function fusedAssignment(assignment: Assignment, group: string, fuse: Fuse): Assignment {
  return {
    partition: assignment.partition,
    committed: assignment.committed,
    signal: assignment.signal,
    wake: () => assignment.wake(),
    async commit(topicName, commit) {
      await assignment.commit(topicName, commit);
      fuse.made(writeOfCommit(group, commit));
    },
  };
}

function fusedBus(bus: Bus, fuse: Fuse): Bus {
  return {
    createTopics: (specs) => bus.createTopics(specs),
    tail: (options) => bus.tail(options),
    partitionCount: (name) => bus.partitionCount(name),
    check: () => bus.check(),
    close: () => bus.close(),
    async publish(topicName, records) {
      const positions = await bus.publish(topicName, records);
      fuse.made(writeOfPublish(topicName, records));
      return positions;
    },
    consume: (options) =>
      bus.consume({
        ...options,
        open: (assignment): Promise<PartitionWorker> =>
          options.open(fusedAssignment(assignment, options.group, fuse)),
      }),
  };
}

function fusedStore(store: Store, fuse: Fuse): Store {
  return {
    migrate: () => store.migrate(),
    query: (query) => store.query(query),
    queryUntrusted: (sql, tenantId) => store.queryUntrusted(sql, tenantId),
    check: () => store.check(),
    close: () => store.close(),
    async insert(table, items, token) {
      const result = await store.insert(table, items, token);
      fuse.made(writeOfInsert(table));
      return result;
    },
  };
}

const [name = "", times = "1"] = process.argv.slice(2);
const fuse = new Fuse(name, Number(times));
const settings = await loadSettings({ file: undefined, environment: process.env, flags: {} });
const running = await startProcess(settings, ["analyzer"], {
  bus: async (given, logger) => fusedBus(await openBackends.bus(given, logger), fuse),
  store: async (given, onLost) => fusedStore(await openBackends.store(given, onLost), fuse),
});
process.once("SIGTERM", () => void running.close());
