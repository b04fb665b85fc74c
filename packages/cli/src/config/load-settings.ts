import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import { SetupError, messageOf } from "@plumbline/contracts";
import { type Settings, defaultDataDirectory, settingsSchema } from "./settings.ts";

type Tree = Record<string, unknown>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables and the setting each stands for. */
const variables: Record<string, { path: readonly string[]; number?: true }> = {
  PLUMBLINE_DATA_DIR: { path: ["dataDirectory"] },
  PLUMBLINE_PROFILE: { path: ["profile"] },
  PLUMBLINE_POLICY: { path: ["policy"] },
  PLUMBLINE_BUS: { path: ["bus"] },
  PLUMBLINE_KAFKA_TLS_CA_FILE: { path: ["kafka", "tls", "caFile"] },
  PLUMBLINE_KAFKA_TLS_CERTIFICATE_FILE: { path: ["kafka", "tls", "certificateFile"] },
  PLUMBLINE_KAFKA_TLS_KEY_FILE: { path: ["kafka", "tls", "keyFile"] },
  PLUMBLINE_KAFKA_SASL_MECHANISM: { path: ["kafka", "sasl", "mechanism"] },
  PLUMBLINE_KAFKA_SASL_USERNAME: { path: ["kafka", "sasl", "username"] },
  PLUMBLINE_KAFKA_SASL_PASSWORD: { path: ["kafka", "sasl", "password"] },
  PLUMBLINE_KAFKA_SASL_PASSWORD_FILE: { path: ["kafka", "sasl", "passwordFile"] },
  PLUMBLINE_KAFKA_SESSION_TIMEOUT_MS: { path: ["kafka", "sessionTimeoutMs"], number: true },
  PLUMBLINE_STORE: { path: ["store"] },
  PLUMBLINE_PARTITIONS: { path: ["partitions"], number: true },
  PLUMBLINE_HOST: { path: ["listen", "host"] },
  PLUMBLINE_OTLP_HTTP_PORT: { path: ["listen", "otlpHttpPort"], number: true },
  PLUMBLINE_OTLP_GRPC_PORT: { path: ["listen", "otlpGrpcPort"], number: true },
  PLUMBLINE_API_PORT: { path: ["listen", "apiPort"], number: true },
  PLUMBLINE_HEALTH_PORT: { path: ["listen", "healthPort"], number: true },
  PLUMBLINE_FINDINGS_OTLP_ENDPOINT: { path: ["findings", "otlpEndpoint"] },
  PLUMBLINE_ANONYMOUS_TELEMETRY: { path: ["anonymousTelemetry"] },
  PLUMBLINE_EMBEDDER: { path: ["embedder", "kind"] },
  PLUMBLINE_EMBEDDER_BASE_URL: { path: ["embedder", "baseUrl"] },
  PLUMBLINE_EMBEDDER_MODEL: { path: ["embedder", "model"] },
  PLUMBLINE_EMBEDDER_API_KEY: { path: ["embedder", "apiKey"] },
  PLUMBLINE_JUDGE: { path: ["judge", "kind"] },
  PLUMBLINE_JUDGE_BASE_URL: { path: ["judge", "baseUrl"] },
  PLUMBLINE_JUDGE_MODEL: { path: ["judge", "model"] },
  PLUMBLINE_JUDGE_API_KEY: { path: ["judge", "apiKey"] },
  PLUMBLINE_LOG_LEVEL: { path: ["logLevel"] },
};

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The second over the first, key by key. */
function merged(below: Tree, above: Tree): Tree {
  const result: Tree = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const known = result[key];
    result[key] = isTree(known) && isTree(value) ? merged(known, value) : value;
  }
  return result;
}

function fromEnvironment(environment: Environment): Tree {
  let tree: Tree = {};
  for (const [name, { path, number }] of Object.entries(variables)) {
    const text = environment[name];
    if (text === undefined || text === "") continue;
    const leaf: unknown = number === true ? Number(text) : text;
    tree = merged(tree, path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaf) as Tree);
  }
  return tree;
}

async function fromFile(path: string | undefined): Promise<Tree> {
  const file = resolve(path ?? "plumbline.yaml");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (path === undefined && (cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new SetupError(`The configuration ${file} can't be read.`, {
      code: "CONFIGURATION_FILE",
      mend: "Give --config an existing file.",
      cause,
    });
  }
  try {
    const parsed: unknown = parse(text) ?? {};
    if (isTree(parsed)) return parsed;
  } catch (cause) {
    throw new SetupError(`${file} is not YAML: ${messageOf(cause)}.`, {
      code: "CONFIGURATION_SYNTAX",
      cause,
    });
  }
  throw new SetupError(`${file} is not a list of settings.`, {
    code: "CONFIGURATION_SYNTAX",
    mend: "Write it as `name: value` lines.",
  });
}

export interface SettingsSources {
  /** Path of the file; `plumbline.yaml` in the working directory, if there is one, when undefined. */
  file: string | undefined;
  environment: Environment;
  /** What the command line says. */
  flags: Tree;
}

/**
 * The settings: flags over environment over file over defaults.
 * @throws SetupError naming every key that is unknown or does not fit
 */
export async function loadSettings({ file, environment, flags }: SettingsSources): Promise<Settings> {
  const tree = merged(merged(await fromFile(file), fromEnvironment(environment)), flags);
  const result = settingsSchema.safeParse({ dataDirectory: defaultDataDirectory(environment), ...tree });
  if (result.success) return { ...result.data, dataDirectory: resolve(result.data.dataDirectory) };
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? "settings" : path.join(".")}: ${message}`,
  );
  throw new SetupError(`The configuration does not fit. ${problems.join("; ")}.`, {
    code: "CONFIGURATION_INVALID",
    mend: "See docs/configuration.md.",
  });
}
