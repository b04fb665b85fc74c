import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { env } from "node:process";

/** A child process of a benchmark, spoken to by messages. */
export interface BenchProcess<Message> {
  child: ChildProcess;
  /** The next message; rejects when the process ends without one. */
  next(): Promise<Message>;
  close(): Promise<void>;
}

/** Starts a TypeScript file in a process of its own. */
export function startProcess<Message>(
  entry: URL,
  environment: Readonly<Record<string, string>> = {},
): BenchProcess<Message> {
  const child = fork(entry, [], { env: { ...env, ...environment }, execArgv: process.execArgv });
  const queue: Message[] = [];
  let wake: () => void = () => undefined;
  child.on("message", (message) => {
    queue.push(message as Message);
    wake();
  });
  child.once("exit", () => wake());
  return {
    child,
    async next() {
      for (;;) {
        const message = queue.shift();
        if (message !== undefined) return message;
        if (child.exitCode !== null) throw new Error(`${entry.pathname} ended.`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async close() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      if (child.connected) child.disconnect();
      const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await exited;
      clearTimeout(hard);
    },
  };
}

/** The scripted model server. */
export async function startModelProcess(): Promise<{ baseUrl: string; close(): Promise<void> }> {
  const model = startProcess<{ baseUrl: string }>(new URL("./processes/model-process.ts", import.meta.url));
  const { baseUrl } = await model.next();
  return { baseUrl, close: () => model.close() };
}
