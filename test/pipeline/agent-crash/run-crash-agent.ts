import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sourceFlags } from "../../source-flags.ts";
import type { CrashAgentLine, CrashAgentOptions } from "./crash-points.ts";

const program = fileURLToPath(new URL("./main.ts", import.meta.url));

/** One life of a crash agent. */
export interface AgentLife {
  lines: CrashAgentLine[];
  /** Null when it ended by itself. */
  signal: NodeJS.Signals | null;
  exitCode: number | null;
}

export interface LifeOptions {
  /** Called with the process as soon as it runs, for whoever wants to kill it from outside. */
  onStart?: (processId: number) => void;
}

/** Runs an agent until it ends or is killed. */
export function runCrashAgent(options: CrashAgentOptions, { onStart }: LifeOptions = {}): Promise<AgentLife> {
  const child = spawn(process.execPath, [...sourceFlags, program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => {
      // A kill may cut the last line.
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      const lines = whole.split("\n").filter((line) => line !== "");
      resolve({ lines: lines.map((line) => JSON.parse(line) as CrashAgentLine), exitCode, signal });
    });
  });
}
