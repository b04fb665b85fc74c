import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sourceFlags } from "../../source-flags.ts";
import { freePort } from "../../free-port.ts";
import { ServiceProcess } from "../harness/service-process.ts";

const entry = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));

const endsWithinMs = 120_000;

export type PartName = "analyzer" | "collector" | "console";

/** `plumbline <part>` in a process of its own, on ports that it keeps when it is started again. */
export interface PlumblinePart {
  /** Base address of what the part serves, `/healthz`, `/readyz` and `/metrics` among it. */
  url: string;
  process: ServiceProcess;
}

const portVariable = {
  analyzer: "PLUMBLINE_HEALTH_PORT",
  collector: "PLUMBLINE_OTLP_HTTP_PORT",
  console: "PLUMBLINE_API_PORT",
} as const;

/** Starts a part and waits until it says that it is ready. */
export async function startPart(
  part: PartName,
  environment: Readonly<Record<string, string>>,
): Promise<PlumblinePart> {
  const url = `http://127.0.0.1:${String(await freePort())}`;
  const service = await ServiceProcess.start({
    name: part,
    binary: process.execPath,
    args: [...sourceFlags, entry, part],
    environment: {
      ...environment,
      [portVariable[part]]: new URL(url).port,
      ...(part === "collector" ? { PLUMBLINE_OTLP_GRPC_PORT: String(await freePort()) } : {}),
    },
    readyUrl: `${url}/readyz`,
  });
  return { url, process: service };
}

/** Runs a program until it ends by itself, within two minutes; what ended it: the signal, or the exit code. */
export async function runToItsEnd(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [...sourceFlags, program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
    timeout: endsWithinMs,
    killSignal: "SIGTERM",
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal ?? String(code);
}
