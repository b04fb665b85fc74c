// Completes package-lock.json after `npm install`: every platform binary that a package names as an optional dependency
// gets an entry, also where the registry in use does not carry it, so that `npm ci` accepts the file on every machine.
// Entries added here have no integrity hash. Run: npm run lock.
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  version?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}
interface Lockfile {
  packages: Record<string, LockEntry>;
}

const LOCKFILE = new URL("../package-lock.json", import.meta.url);
const OS_NAMES = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"] as const;
const CPU_NAMES: Record<string, string> = {
  arm64: "arm64",
  arm: "arm",
  x64: "x64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  loong64: "loong64",
};

const platformOf = (name: string): Pick<LockEntry, "os" | "cpu" | "libc"> | undefined => {
  const words = name.split(/[/-]/u);
  const os = OS_NAMES.find((known) => words.includes(known));
  const cpu = words.map((word) => CPU_NAMES[word]).find((known) => known !== undefined);
  if (os === undefined || cpu === undefined) return undefined;
  if (os !== "linux") return { os: [os], cpu: [cpu] };
  return { os: [os], cpu: [cpu], libc: [/musl/u.test(name) ? "musl" : "glibc"] };
};

const missingEntries = (packages: Lockfile["packages"]): [string, LockEntry][] => {
  const missing: [string, LockEntry][] = [];
  for (const parent of Object.values(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] !== undefined || platform === undefined || !/^\d/u.test(version)) continue;
      missing.push([
        path,
        { version, ...platform, ...(parent.dev === true ? { dev: true } : {}), optional: true },
      ]);
    }
  }
  return missing;
};

const sortByPath = (packages: Lockfile["packages"]): Lockfile["packages"] =>
  Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en")));

const lockfile = JSON.parse(readFileSync(LOCKFILE, "utf8")) as Lockfile;
const missing = missingEntries(lockfile.packages);
for (const entry of Object.values(lockfile.packages)) if (entry.link !== true) delete entry.resolved;
lockfile.packages = sortByPath({ ...lockfile.packages, ...Object.fromEntries(missing) });
writeFileSync(LOCKFILE, `${JSON.stringify(lockfile, null, 2)}\n`);
console.log(`package-lock.json: ${missing.length} platform entries added`);
