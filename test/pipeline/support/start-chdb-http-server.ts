import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { sourceFlags } from "../../source-flags.ts";

const program = fileURLToPath(new URL("./chdb-http-server.ts", import.meta.url));

export interface ChdbHttpServer {
  url: string;
  port: number;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts the stand-in for a ClickHouse server on a directory. */
export async function startChdbHttpServer(directory: string, port = 0): Promise<ChdbHttpServer> {
  const child: ChildProcess = spawn(process.execPath, [...sourceFlags, program, directory, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  if (child.stdout === null) throw new TypeError("The server has no output.");
  const lines = createInterface({ input: child.stdout });
  const ended = exited.then(() => {
    throw new Error("The server ended before it listened.");
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  const listening = Number(line.split(" ")[1]);
  return {
    url: `http://default:secret@127.0.0.1:${String(listening)}`,
    port: listening,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await exited;
    },
  };
}
