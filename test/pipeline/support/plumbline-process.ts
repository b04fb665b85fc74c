import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "../../free-port.ts";
import { sourceFlags } from "../../source-flags.ts";

const entry = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));

export interface PlumblinePlace {
  dataDirectory: string;
  otlpHttpPort: number;
  otlpGrpcPort: number;
  apiPort: number;
  profile?: string;
  /** Over what the place itself says. */
  environment?: Readonly<Record<string, string>>;
}

export async function createPlace(dataDirectory: string, profile = "enforce"): Promise<PlumblinePlace> {
  const [otlpHttpPort, otlpGrpcPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  return { dataDirectory, otlpHttpPort, otlpGrpcPort, apiPort, profile };
}

export function environmentOf(place: PlumblinePlace): Record<string, string> {
  return {
    PLUMBLINE_DATA_DIR: place.dataDirectory,
    PLUMBLINE_OTLP_HTTP_PORT: String(place.otlpHttpPort),
    PLUMBLINE_OTLP_GRPC_PORT: String(place.otlpGrpcPort),
    PLUMBLINE_API_PORT: String(place.apiPort),
    PLUMBLINE_PROFILE: place.profile ?? "enforce",
    PLUMBLINE_API: `http://127.0.0.1:${String(place.apiPort)}`,
    PLUMBLINE_ENDPOINT: `http://127.0.0.1:${String(place.otlpHttpPort)}`,
    ...place.environment,
  };
}

export interface PlumblineProcess {
  child: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** SIGKILL: no farewell of any kind. */
  killHard(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
}

/** Runs a command line of `plumbline` in a process of its own. */
function spawnPlumbline(args: readonly string[], place: PlumblinePlace): PlumblineProcess {
  const child = spawn(process.execPath, [...sourceFlags, entry, ...args], {
    env: { ...process.env, ...environmentOf(place) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  return {
    child,
    output: () => printed,
    async killHard() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      return (await ended)[0];
    },
  };
}

/** Starts `plumbline up` and waits until it serves. */
export async function startPlumbline(
  place: PlumblinePlace,
  options: readonly string[] = [],
): Promise<PlumblineProcess> {
  const running = spawnPlumbline(["up", ...options], place);
  while (!running.output().includes("is ready")) {
    if (running.child.exitCode !== null) throw new Error(`plumbline up ended: ${running.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return running;
}

/** One command to its end. */
export async function runPlumbline(
  args: readonly string[],
  place: PlumblinePlace,
): Promise<{ code: number | null; output: string }> {
  const running = spawnPlumbline(args, place);
  // Only at `close` has all been read that it printed.
  const [code] = (await once(running.child, "close")) as [number | null];
  return { code, output: running.output() };
}
