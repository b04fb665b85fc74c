import { SetupError, trustedKeysSchema } from "@plumbline/contracts";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const texts = {
  PLUMBLINE_ENDPOINT: "endpoint",
  PLUMBLINE_CONTROL_ENDPOINT: "controlEndpoint",
  PLUMBLINE_TOKEN: "token",
  PLUMBLINE_TENANT: "tenantId",
  PLUMBLINE_CONTENT: "content",
  PLUMBLINE_FINGERPRINT_KEY: "fingerprintKey",
  PLUMBLINE_GUARDS: "guards",
  PLUMBLINE_LOOP_GUARD: "loopGuard",
  PLUMBLINE_ON_CONTROL_LOST: "onControlLost",
  PLUMBLINE_ON_PAUSE: "onPause",
  PLUMBLINE_CHECKPOINTS: "checkpoints",
  PLUMBLINE_AUDIT: "audit",
  PLUMBLINE_AUDIT_COMPLIANCE_FILE: "auditComplianceFile",
  PLUMBLINE_AUDIT_TECHNICAL_FILE: "auditTechnicalFile",
} as const;

const numbers = {
  PLUMBLINE_CONTROL_LEASE_MS: "controlLeaseMs",
  PLUMBLINE_UNATTENDED_PAUSE_MS: "unattendedPauseMs",
  PLUMBLINE_FIRST_DIRECTIVE_WAIT_MS: "firstDirectiveWaitMs",
  PLUMBLINE_HEARTBEAT_MS: "heartbeatMs",
  PLUMBLINE_TOOL_TIMEOUT_MS: "toolTimeoutMs",
  PLUMBLINE_MAX_TOOL_RESULT_CHARACTERS: "maxToolResultCharacters",
  PLUMBLINE_MAX_RETRIES_PER_RUN: "maxRetriesPerRun",
  PLUMBLINE_MAX_RETRIES_PER_TOOL: "maxRetriesPerTool",
} as const;

/** `PLUMBLINE_CONTROL_KEYS`: the key file's JSON itself, or the path of the file. */
function readKeys(value: string): unknown {
  try {
    const text = value.trimStart().startsWith("{") ? value : readFileSync(value, "utf8");
    return trustedKeysSchema.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new SetupError("PLUMBLINE_CONTROL_KEYS holds no public keys.", {
      code: "CONTROL_KEYS_UNREADABLE",
      mend: "Give the path of control-public-keys.json, or its content.",
      cause,
    });
  }
}

function serviceIn(environment: Environment): string | undefined {
  const attributes = environment["OTEL_RESOURCE_ATTRIBUTES"]?.split(",") ?? [];
  const named = attributes.find((pair) => pair.trim().startsWith("service.name="));
  return environment["PLUMBLINE_SERVICE"] ?? environment["OTEL_SERVICE_NAME"] ?? named?.split("=")[1];
}

/** `OTEL_EXPORTER_OTLP_HEADERS`: pairs `name=value`, percent-encoded, with commas between. */
function headersIn(environment: Environment): Record<string, string> | undefined {
  const text = environment["OTEL_EXPORTER_OTLP_HEADERS"];
  if (text === undefined || text.trim() === "") return undefined;
  const pairs = text.split(",").map((pair): [string, string] => {
    const [name = "", ...value] = pair.split("=");
    return [name.trim().toLowerCase(), decoded(value.join("=").trim())];
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Settings out of `PLUMBLINE_*` and, where those are silent, the standard `OTEL_*` variables. */
export function settingsFromEnvironment(environment: Environment = process.env): Record<string, unknown> {
  const settings: Record<string, unknown> = {
    dataDirectory: environment["PLUMBLINE_DATA_DIR"] ?? join(homedir(), ".plumbline"),
  };
  const set = (name: string, value: unknown): void => {
    if (value !== undefined && value !== "") settings[name] = value;
  };
  set("endpoint", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
  set("headers", headersIn(environment));
  set("service", serviceIn(environment));
  for (const [variable, name] of Object.entries(texts)) set(name, environment[variable]);
  for (const [variable, name] of Object.entries(numbers)) {
    const text = environment[variable];
    if (text !== undefined && text !== "") set(name, Number(text));
  }
  const keys = environment["PLUMBLINE_CONTROL_KEYS"];
  if (keys !== undefined && keys !== "") set("trustedKeys", readKeys(keys));
  return settings;
}
