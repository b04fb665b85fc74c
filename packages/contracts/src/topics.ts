/** Topic names. `otlp_*` are those of the stock Collector's Kafka exporter. */
export const topic = {
  spans: "otlp_spans",
  logs: "otlp_logs",
  observations: "plumbline.observations",
  commands: "plumbline.control.commands",
  controlState: "plumbline.control.state",
  runSnapshots: "plumbline.run.snapshots",
  traceAffinity: "plumbline.trace.affinity",
  audit: "plumbline.audit",
  auditHeads: "plumbline.audit.heads",
  deadLetter: "plumbline.dead-letter",
} as const;
export type TopicName = (typeof topic)[keyof typeof topic];

export interface TopicSpec {
  name: string;
  partitions: number;
  /** `compact`: the last record per key is kept for ever; an empty value removes the key. */
  cleanup: "delete" | "compact";
  /** Only for `delete`; null keeps everything. */
  retentionMs: number | null;
}

const dayMs = 86_400_000;

/**
 * All topics with their settings. Spans, logs and trace affinity have equal counts (one owner per partition number), and
 * so have observations, commands, control state, snapshots, audit records and their countersigned heads. Counts are fixed at creation.
 */
export function topicSpecs(partitions: number): TopicSpec[] {
  return [
    { name: topic.spans, partitions, cleanup: "delete", retentionMs: 3 * dayMs },
    { name: topic.logs, partitions, cleanup: "delete", retentionMs: 3 * dayMs },
    { name: topic.observations, partitions, cleanup: "delete", retentionMs: 3 * dayMs },
    { name: topic.commands, partitions, cleanup: "delete", retentionMs: null },
    { name: topic.controlState, partitions, cleanup: "compact", retentionMs: null },
    { name: topic.runSnapshots, partitions, cleanup: "compact", retentionMs: null },
    { name: topic.traceAffinity, partitions, cleanup: "compact", retentionMs: null },
    { name: topic.audit, partitions, cleanup: "delete", retentionMs: 30 * dayMs },
    { name: topic.auditHeads, partitions, cleanup: "compact", retentionMs: null },
    { name: topic.deadLetter, partitions: 1, cleanup: "delete", retentionMs: 30 * dayMs },
  ];
}

/**
 * Topics whose records all follow from those of spans, logs and commands: what is missing of their ends is made of those again,
 * as after the death of an owner.
 */
export const derivedTopics: readonly TopicName[] = [
  topic.observations,
  topic.controlState,
  topic.runSnapshots,
  topic.traceAffinity,
];

/** Record headers, all UTF-8 text. */
export const header = {
  tenantId: "plumbline-tenant",
  principal: "plumbline-principal",
  /** `application/x-protobuf` (also when absent) or `application/json`. */
  contentType: "content-type",
  /** When the receiver took it in, milliseconds since the epoch. */
  receivedAtMs: "plumbline-received-at",
  /** On snapshots: how the value is packed; absent for JSON as it is. */
  contentEncoding: "content-encoding",
  /** On snapshots: until when timers leave the run as it is, by which rules. */
  quietUntil: "plumbline-quiet-until",
  /** On observations: every observation of its source partition below this offset has been published. */
  completeBelow: "plumbline-complete-below",
} as const;

/** Value of a record in the dead-letter topic, as JSON. */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: number;
  reason: string;
  /** The bytes that could not be read, base64, cut at 1 MiB. */
  value: string;
}
