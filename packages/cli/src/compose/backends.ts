import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createKafkaBus, createSqliteBus, type Bus } from "@plumbline/bus";
import { derivedTopics, topicSpecs } from "@plumbline/contracts";
import { createChdbStore, createClickhouseStore, type Store } from "@plumbline/store";
import type { Logger } from "pino";
import { type KafkaAddress, kafkaAddressOf } from "../config/kafka-settings.ts";
import type { Settings } from "../config/settings.ts";
import { kafkaSecurity } from "./kafka-security.ts";

async function openKafka(address: KafkaAddress, { kafka }: Settings, logger: Logger): Promise<Bus> {
  const security = await kafkaSecurity(address, kafka);
  if (security.sasl?.mechanism === "plain" && !address.isTls)
    logger.warn("Kafka's password goes over the network readably: use kafkas://, or scram-sha-512.");
  return createKafkaBus({
    brokers: address.brokers,
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    ...security,
    onFailure: (failure) => logger.warn(failure, "bus"),
    onLog: ({ level, message, details }) => logger[level](details, message),
  });
}

/** The bus that the settings name, with its topics in place. */
export async function openBus(settings: Settings, logger: Logger): Promise<Bus> {
  await mkdir(settings.dataDirectory, { recursive: true });
  const kafka = kafkaAddressOf(settings.bus);
  const bus =
    kafka === undefined
      ? await createSqliteBus({
          directory: join(settings.dataDirectory, "bus"),
          derivedTopics,
          onFailure: (failure) => logger.warn(failure, "bus"),
        })
      : await openKafka(kafka, settings, logger);
  await bus.createTopics(topicSpecs(settings.partitions));
  return bus;
}

/**
 * The store that the settings name, with its tables in place.
 * @param onLost told when it has ended by itself and can't be had again in this process
 */
export async function openStore(
  { store: address, dataDirectory, retention }: Settings,
  onLost: (error: Error) => void = () => undefined,
): Promise<Store> {
  const retentionDays = retention;
  const store =
    address === "chdb"
      ? await createChdbStore({ directory: join(dataDirectory, "chdb"), retentionDays, onLost })
      : await createClickhouseStore({ url: address, retentionDays });
  await store.migrate();
  return store;
}

/** Where a process gets its bus and its store from. */
export interface OpenBackends {
  bus(settings: Settings, logger: Logger): Promise<Bus>;
  store(settings: Settings, onLost: (error: Error) => void): Promise<Store>;
}

export const openBackends: OpenBackends = { bus: openBus, store: openStore };
