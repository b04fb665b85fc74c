import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { anonymousTelemetryModes } from "@plumbline/analyzer";
import { accessTokenSchema } from "@plumbline/contracts";
import { profiles } from "@plumbline/detection";
import { auditSettingsSchema } from "./audit-settings.ts";
import { busAddressSchema, kafkaProblems, kafkaSettingsSchema } from "./kafka-settings.ts";
import { embedderSettingsSchema } from "./embedder-settings.ts";
import { judgeSettingsSchema } from "./judge-settings.ts";
import { notificationSettingsSchema } from "./notification-settings.ts";
import { retentionSettingsSchema } from "./retention-settings.ts";

const port = z.number().int().min(0).max(65_535);

/** `chdb` (ClickHouse in process) or the address of a server. */
const storeAddress = z
  .string()
  .regex(
    /^(chdb|(clickhouse|clickhouses|https?):\/\/.+)$/,
    "Either chdb, clickhouse://user:password@host:8123 or clickhouses://… for TLS",
  );

/** `plumbline.yaml`, whole. Unknown keys are refused: a setting that nothing reads protects nobody. */
export const settingsSchema = z
  .strictObject({
    /** Keys, and the files of the embedded bus and store. */
    dataDirectory: z.string().min(1),
    /** `observe` says what it would do; `guard` enforces budgets, exact loops and retry storms; `enforce` enforces all. */
    profile: z.enum(profiles).default("guard"),
    /** Path of a policy file: per detector and per agent what holds instead of the profile. Its own profile outranks the one above. */
    policy: z.string().min(1).nullable().default(null),
    bus: busAddressSchema.default("sqlite"),
    kafka: kafkaSettingsSchema,
    store: storeAddress.default("chdb"),
    /** Fixed when the topics are created. */
    partitions: z.number().int().min(1).max(256).default(4),
    listen: z
      .strictObject({
        host: z.string().default("127.0.0.1"),
        otlpHttpPort: port.default(4318),
        otlpGrpcPort: port.default(4317),
        apiPort: port.default(4320),
        /** `/healthz`, `/readyz` and `/metrics` alone, for a process without another port. Null: no such port. */
        healthPort: port.nullable().default(null),
      })
      .prefault({}),
    findings: z
      .strictObject({
        /** Base address of an OTLP/HTTP receiver, usually the Collector, that shows findings in trace viewers. */
        otlpEndpoint: z
          .url({ protocol: /^https?$/ })
          .nullable()
          .default(null),
      })
      .prefault({}),
    /** Who is told of requests for approval, findings and pauses that nobody answers. */
    notifications: notificationSettingsSchema,
    /** Compares an agent's requests in other words. */
    embedder: embedderSettingsSchema,
    /** Asks a model about findings. */
    judge: judgeSettingsSchema,
    /** Where the audit trail goes. */
    audit: auditSettingsSchema,
    /** How long each table keeps its rows. */
    retention: retentionSettingsSchema,
    /** What telemetry that carries no principal (a Kafka header, or the name of a token) may lead to. */
    anonymousTelemetry: z.enum(anonymousTelemetryModes).default("observe"),
    /** Without any token everything listens to this machine only. */
    tokens: z.array(accessTokenSchema).default([]),
    logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
  })
  .superRefine((settings, context) => {
    for (const problem of kafkaProblems(settings)) context.addIssue({ code: "custom", ...problem });
  });
export type Settings = z.infer<typeof settingsSchema>;

/** The rule that agents on the same machine follow too, to find the public keys. */
export function defaultDataDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  return environment["PLUMBLINE_DATA_DIR"] ?? join(homedir(), ".plumbline");
}
