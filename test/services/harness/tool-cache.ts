import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "./cache.ts";

/** Something that the services tests start and that is fetched or built once per machine. */
export interface Tool {
  /** For people. */
  title: string;
  /** Folder in the cache: name, version and whatever else decides what is made. */
  folderName: string;
  /** Commands that making it takes; none are needed once it is in the cache. */
  needs: readonly string[];
  /** Fills the folder; what it runs goes through the given {@link Workshop}. */
  make(workshop: Workshop): Promise<void>;
}

export interface RunOptions {
  cwd?: string;
  environment?: Readonly<Record<string, string>>;
}

/** Where a tool is made: a folder that is thrown away when something fails. */
export interface Workshop {
  /** Becomes the tool's folder. */
  folder: string;
  /** Runs a command to its end and returns what it printed. Rejects with its last lines when it fails. */
  run(command: readonly [string, ...string[]], options?: RunOptions): Promise<string>;
}

/** A cold build of the Collector or Jaeger takes minutes; tests that may wait for one give their hook this long. */
export const makeWithinMs = 840_000;

const commandWithinMs = 780_000;
const lockPollMs = 250;

const isInstalled = (command: string): boolean =>
  spawnSync("which", [command], { stdio: "ignore" }).status === 0;

const readyFolder = (tool: Tool): string => join(cacheFolder(tool.folderName), "ready");

/** Why the tool can't be had on this machine; undefined when it can, or is in the cache. */
export function whyNoTool(tool: Tool): string | undefined {
  if (existsSync(readyFolder(tool))) return undefined;
  const missing = tool.needs.filter((command) => !isInstalled(command));
  return missing.length === 0
    ? undefined
    : `${tool.title} is made with ${missing.join(" and ")}, not installed here`;
}

/** The tool's folder; makes the tool first when no process on this machine has done so yet. */
export async function toolFolder(tool: Tool): Promise<string> {
  const ready = readyFolder(tool);
  if (existsSync(ready)) return ready;
  const unlock = await lock(join(cacheFolder(tool.folderName), "lock.sqlite"));
  try {
    if (!existsSync(ready)) await make(tool, ready);
  } finally {
    unlock();
  }
  return ready;
}

async function make(tool: Tool, ready: string): Promise<void> {
  const parent = cacheFolder(tool.folderName);
  const folder = mkdtempSync(join(parent, "making-"));
  const log = join(parent, "make.log");
  console.log(`Making ${tool.title} once; log: ${log}`);
  try {
    await tool.make({ folder, run: (command, options) => run(command, { ...options, log }) });
    renameSync(folder, ready);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A lock that ends with the process, however that ends: the operating system's on an SQLite file. */
async function lock(path: string): Promise<() => void> {
  const database = new DatabaseSync(path);
  for (;;) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return () => {
        database.close();
      };
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("locked")) throw error;
      await sleep(lockPollMs);
    }
  }
}

async function run(
  [command, ...args]: readonly [string, ...string[]],
  { log, cwd, environment }: RunOptions & { log: string },
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: commandWithinMs,
    killSignal: "SIGKILL",
  });
  const output: Buffer[] = [];
  const errors = createWriteStream(log, { flags: "a" });
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.pipe(errors);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code === 0) return Buffer.concat(output).toString("utf8");
  const lastLines = readFileSync(log, "utf8").split("\n").slice(-20).join("\n");
  throw new Error(`${command} ${args.join(" ")} ended with ${String(code ?? signal)}:\n${lastLines}`);
}
