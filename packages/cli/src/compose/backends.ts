import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createSqliteBus, type Bus } from "@plumbline/bus";
import { topicSpecs } from "@plumbline/contracts";
import { createChdbStore, createClickhouseStore, type Store } from "@plumbline/store";
import type { Settings } from "../config/settings.ts";

/** What was started, to be undone last first, so that a failed start leaves nothing behind. */
export class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}

export interface Backends {
  bus: Bus;
  store: Store;
}

function openBus(settings: Settings): Promise<Bus> {
  return createSqliteBus({ directory: join(settings.dataDirectory, "bus") });
}

function openStore(settings: Settings): Promise<Store> {
  if (settings.store === "chdb") return createChdbStore({ directory: join(settings.dataDirectory, "chdb") });
  return createClickhouseStore({ url: settings.store });
}

/** Opens the bus and the store that the settings name, with their topics and tables in place. */
export async function openBackends(settings: Settings, teardown: Teardown): Promise<Backends> {
  await mkdir(settings.dataDirectory, { recursive: true });
  const bus = await openBus(settings);
  teardown.add(() => bus.close());
  await bus.createTopics(topicSpecs(settings.partitions));
  const store = await openStore(settings);
  teardown.add(() => store.close());
  await store.migrate();
  return { bus, store };
}
