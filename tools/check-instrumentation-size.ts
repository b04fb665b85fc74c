// Measures what @plumbline/instrumentation adds to an agent: bytes installed beyond the OpenTelemetry packages and
// zod, and the time its import takes. Run it on built output: `npm run build && node tools/check-instrumentation-size.ts`.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const maxBytes = 3_000_000;
const maxImportMs = 100;
const importRounds = 9;

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const isFree = (name: string): boolean => name === "zod" || name.startsWith("@opentelemetry/");
const isOurs = (name: string): boolean => name.startsWith("@plumbline/");

function manifestIn(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
}

function directoryOf(name: string, from: string): string {
  const found = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  const directory = found
    .map((path) => join(path, name))
    .find((path) => statSync(path, { throwIfNoEntry: false }));
  if (directory === undefined) throw new Error(`${name} is not installed below ${from}. Run npm ci.`);
  return directory;
}

function bytesBelow(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "node_modules") continue;
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? bytesBelow(path) : statSync(path).size;
  }
  return bytes;
}

/** What `npm install` would unpack of a workspace of ours. */
function packedBytes(name: string): number {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "-w", name], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const packed = JSON.parse(output) as { unpackedSize: number }[] | Record<string, { unpackedSize: number }>;
  return Object.values(packed).reduce((sum, one) => sum + one.unpackedSize, 0);
}

function closure(name: string, from: string, seen: Map<string, string>): void {
  if (isFree(name) || seen.has(name)) return;
  const directory = directoryOf(name, from);
  seen.set(name, directory);
  const { dependencies, optionalDependencies } = manifestIn(directory);
  for (const next of Object.keys({ ...dependencies, ...optionalDependencies }))
    closure(next, directory, seen);
}

/** Milliseconds that importing `specifier` takes once `already` are loaded; the least disturbed of some rounds. */
function importMs(specifier: string, already: readonly string[]): number {
  const before = already.map((name) => `await import(${JSON.stringify(name)});`).join("");
  const code = `${before} const start = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - start);`;
  const cwd = dirname(fileURLToPath(import.meta.url));
  const rounds = Array.from({ length: importRounds }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd, encoding: "utf8" })),
  );
  return Math.min(...rounds);
}

const packages = new Map<string, string>();
closure("@plumbline/instrumentation", root, packages);
let total = 0;
for (const [name, directory] of packages) {
  const bytes = isOurs(name) ? packedBytes(name) : bytesBelow(directory);
  total += bytes;
  console.log(`${(bytes / 1e6).toFixed(2).padStart(6)} MB  ${name}`);
}
console.log(`${(total / 1e6).toFixed(2).padStart(6)} MB  together, of ${(maxBytes / 1e6).toFixed(2)} MB`);

const free = ["zod", "@opentelemetry/api"];
const times = ["@plumbline/instrumentation", "@plumbline/instrumentation/register"].map((specifier) => {
  const [beyond, whole] = [importMs(specifier, free), importMs(specifier, [])];
  console.log(
    `${beyond.toFixed(0).padStart(6)} ms  import ${specifier}; ${whole.toFixed(0)} ms with ${free.join(" and ")}`,
  );
  return beyond;
});

const isLight = total <= maxBytes && times.every((ms) => ms <= maxImportMs);
console.log(
  isLight ? "within bounds" : `too much: at most ${String(maxBytes)} bytes and ${String(maxImportMs)} ms`,
);
process.exitCode = isLight ? 0 : 1;
