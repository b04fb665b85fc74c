#!/usr/bin/env node
// Committed JavaScript, so that the command is linked before anything is built. It needs only syntax that old Nodes parse.
// On a Node older than the floor it runs itself again on the Node that the lockfile installs as an npm package.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FLOOR = [22, 15];
const REEXEC_MARK = "PLUMBLINE_REEXEC";
const QUIET = "--disable-warning=ExperimentalWarning";
const require = createRequire(import.meta.url);

const isTooOld = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1]);
};

const fail = (message) => {
  process.stderr.write(`plumbline: ${message}\n`);
  process.exit(1);
};

/** Package names that carry a Node binary for this machine, most specific first. */
const binaryPackages = () => {
  const platform = process.platform === "win32" ? "win" : process.platform;
  return [`node-bin-${platform}-${process.arch}`, `node-${platform}-${process.arch}`, "node"];
};

const findNode = () => {
  const executable = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  for (const name of binaryPackages()) {
    try {
      const candidate = join(dirname(require.resolve(`${name}/package.json`)), executable);
      if (existsSync(candidate)) return candidate;
    } catch {
      // Not installed: try the next name.
    }
  }
  return undefined;
};

const runAgain = () => {
  const wanted = `needs Node ${FLOOR.join(".")} or newer, this is ${process.versions.node}`;
  if (process.env[REEXEC_MARK] === "1") fail(`${wanted}, also after switching`);
  const node = findNode();
  if (node === undefined)
    fail(`${wanted}; install a newer Node, or the npm package node@24 beside plumbline`);
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [QUIET, ...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, [REEXEC_MARK]: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
};

const hideExperimentalWarnings = () => {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === "object" && rest[0] !== null ? rest[0].type : rest[0];
    if (type !== "ExperimentalWarning") emitWarning(warning, ...rest);
  };
};

const runHere = async () => {
  delete process.env.PLUMBLINE_REEXEC;
  hideExperimentalWarnings();
  // The embedded database holds a thread of this pool for every running query.
  process.env.UV_THREADPOOL_SIZE ??= "16";
  const entry = new URL("../dist/main.js", import.meta.url);
  if (!existsSync(entry)) fail("not built yet: run npm run build");
  await import(entry.href);
};

if (isTooOld()) runAgain();
else await runHere();
