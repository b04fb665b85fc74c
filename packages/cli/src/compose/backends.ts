import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createKafkaBus, createSqliteBus, type Bus } from "@plumbline/bus";
import { topicSpecs } from "@plumbline/contracts";
import { createChdbStore, createClickhouseStore, type Store } from "@plumbline/store";
import type { Logger } from "pino";
import type { Settings } from "../config/settings.ts";

const kafkaPrefix = "kafka://";

function openKafka({ bus }: Settings, logger: Logger): Promise<Bus> {
  return createKafkaBus({
    brokers: bus.slice(kafkaPrefix.length).split(","),
    onFailure: (failure) => logger.warn(failure, "bus"),
    onLog: ({ level, message, details }) => logger[level](details, message),
  });
}

/** The bus that the settings name, with its topics in place. */
export async function openBus(settings: Settings, logger: Logger): Promise<Bus> {
  await mkdir(settings.dataDirectory, { recursive: true });
  const bus = settings.bus.startsWith(kafkaPrefix)
    ? await openKafka(settings, logger)
    : await createSqliteBus({
        directory: join(settings.dataDirectory, "bus"),
        onFailure: (failure) => logger.warn(failure, "bus"),
      });
  await bus.createTopics(topicSpecs(settings.partitions));
  return bus;
}

/** The store that the settings name, with its tables in place. */
export async function openStore({ store: address, dataDirectory }: Settings): Promise<Store> {
  const store =
    address === "chdb"
      ? await createChdbStore({ directory: join(dataDirectory, "chdb") })
      : await createClickhouseStore({ url: address });
  await store.migrate();
  return store;
}
