export type {
  Assignment,
  Batch,
  Bus,
  BusRecord,
  Commit,
  ConsumeOptions,
  Consumption,
  PartitionWorker,
  Position,
  ReceivedRecord,
  Tail,
  TailOptions,
} from "./bus.ts";
export type { DeliveryFailure, RedeliveryPauses, ReportFailure } from "./delivery-failure.ts";
export type { BacklogLimits } from "./local-bus/backlog.ts";
export type { LocalBusOptions } from "./local-bus/local-bus.ts";
export type { RetentionLimits } from "./local-bus/retention.ts";
export { maxMetadataBytes, maxRecordBytes } from "./limits.ts";
export { createMemoryBus } from "./memory-bus/memory-bus.ts";
export { partitionOf } from "./partitioner/partition-of.ts";
export { createSqliteBus } from "./sqlite-bus/sqlite-bus.ts";
export type { SqliteBusOptions } from "./sqlite-bus/sqlite-bus.ts";
export { createKafkaBus } from "./kafka-bus/kafka-bus.ts";
export type { CompressionCodec } from "./kafka-bus/codecs.ts";
export type { KafkaBusOptions, KafkaLogEntry, KafkaSasl } from "./kafka-bus/kafka-options.ts";
