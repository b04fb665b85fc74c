import {
  limitsSchema,
  SetupError,
  tenantIdSchema,
  trustedKeysSchema,
  webhookSchema,
} from "@plumbline/contracts";
import { z } from "zod";
import { approvalSettingsSchema } from "../approval/approval-settings.ts";
import type { CheckpointStore } from "../checkpoint/checkpoint-store.ts";
import type { Redactor } from "../observe/redact/redact.ts";

const url = z.url({ protocol: /^https?$/u });

/** How the instrumentation of a process is set up. Everything has a default; unknown keys are refused. */
export const configSchema = z.strictObject({
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces` and `/v1/logs` are added. */
  endpoint: url.default("http://127.0.0.1:4318"),
  /** Base URL of the control gateway; the endpoint when left out. `off`: no control channel. */
  controlEndpoint: z.union([url, z.literal("off")]).optional(),
  /** Bearer token with role `agent`. */
  token: z.string().min(1).optional(),
  /** Further headers of every telemetry request, for a Collector or a proxy that wants some. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Must be the tenant of the token; part of derived run ids. */
  tenantId: tenantIdSchema.default(""),
  service: z.string().min(1).default("unknown_service:node"),
  /** Where the spool lives and, on loopback, the public keys of the analyzer. */
  dataDirectory: z.string().min(1),
  /** Public keys whose directives are obeyed. */
  trustedKeys: trustedKeysSchema.shape.keys.default([]),
  /** What leaves the process: contents as they are, with secrets blotted out, as fingerprints only, or not at all. */
  content: z.enum(["full", "redacted", "fingerprints", "none"]).default("redacted"),
  /** Keys fingerprints; the same in all processes whose runs are to be compared. One of this process when left out. */
  fingerprintKey: z.string().min(16).optional(),
  /** Replaces the built-in redactor. */
  redactor: z
    .custom<Redactor>((value) => typeof value === "function", "A redactor is a function from text to text.")
    .optional(),
  /** Limits of every run that declares none of its own. */
  budget: limitsSchema.default({}),
  /** Share of a limit from which on the agent is told to come to an end, and people see a finding; null: never. */
  softLimit: z.number().min(0).max(1).nullable().default(0.8),
  /** `off`: limits are reported, not enforced here. */
  guards: z.enum(["on", "off"]).default("on"),
  /**
   * When loops are stopped in this process. `unsupervised`: while no control channel stands, for otherwise the server's
   * policy decides, and a pause can be resumed. `always`: at once, server or not.
   */
  loopGuard: z.enum(["unsupervised", "always", "off"]).default("unsupervised"),
  /** For runs that declare nothing: what to do while the control channel is lost. */
  onControlLost: z.enum(["continue", "pause", "stop"]).default("continue"),
  /** For runs that declare nothing: whether a pause waits or throws. */
  onPause: z.enum(["wait", "exit"]).default("wait"),
  /** How long the control channel may be lost before `onControlLost` holds. */
  controlLeaseMs: z.number().int().positive().default(30_000),
  /** A pause that nobody ended by then throws. */
  unattendedPauseMs: z.number().int().positive().default(1_800_000),
  /** How long the first call of a run waits for the run's directive from a server that is there. */
  firstDirectiveWaitMs: z.number().int().nonnegative().default(250),
  heartbeatMs: z.number().int().min(50).default(2000),
  /** One record per tool call, on its way to the server in any case. */
  audit: z.enum(["on", "off"]).default("on"),
  /** Files on this machine that get the two parts of every record besides, line by line as JSON. */
  auditComplianceFile: z.string().min(1).optional(),
  auditTechnicalFile: z.string().min(1).optional(),
  /** Whether each line is on the disk before the call's result goes on. */
  auditFsync: z.boolean().default(false),
  toolTimeoutMs: z.number().int().positive().default(120_000),
  /** Longest result of a tool that goes to the model; the middle is cut, and said to be. */
  maxToolResultCharacters: z.number().int().positive().default(262_144),
  /** Retries of all tools of a run and its children; one more stops it with RETRY_LIMIT_REACHED. */
  maxRetriesPerRun: z.number().int().nonnegative().default(60),
  /** The same for one tool. */
  maxRetriesPerTool: z.number().int().nonnegative().default(20),
  /**
   * Records of external actions: `on` writes them where that is possible, `required` refuses the action where it is not,
   * `off` writes none, so that nothing can be resumed.
   */
  checkpoints: z.enum(["on", "required", "off"]).default("on"),
  /** Keeps checkpoints elsewhere than in the data directory. */
  checkpointStore: z
    .custom<CheckpointStore>(
      (value) => typeof value === "object" && value !== null && "append" in value,
      "A checkpoint store has append, load, claim, list and close.",
    )
    .optional(),
  /** Longest state of `run.checkpoint()`, as JSON. */
  maxStateBytes: z.number().int().positive().default(16_777_216),
  /** What a person is asked about, and what holds when nobody answers. */
  approvals: approvalSettingsSchema.prefault({}),
  /** Who is told of requests for approval and of pauses that nobody answered; not needed where the server tells them. */
  notifications: z.array(webhookSchema).default([]),
  /** Telemetry records that may wait; the oldest are dropped and counted. */
  maxQueuedRecords: z.number().int().positive().default(8192),
  /** Characters of one content attribute of a span; older messages are left out first. */
  maxContentCharacters: z.number().int().positive().default(262_144),
});
export type Settings = z.infer<typeof configSchema>;
export type InstrumentationConfig = Partial<z.input<typeof configSchema>>;

/**
 * Checked settings out of what the environment and the application say; the application wins.
 * @throws SetupError naming the setting and what it may be
 */
export function resolveSettings(
  fromEnvironment: Record<string, unknown>,
  given: InstrumentationConfig = {},
): Settings {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const result = configSchema.safeParse({ ...fromEnvironment, ...Object.fromEntries(present) });
  if (result.success) return result.data;
  throw new SetupError(`The instrumentation can't be set up: ${z.prettifyError(result.error)}`, {
    code: "INSTRUMENTATION_CONFIG",
    mend: "Mend the named setting in configurePlumbline() or in its PLUMBLINE_* environment variable.",
  });
}
