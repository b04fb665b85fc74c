import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TextFile } from "./violation.ts";

const maxTextBytes = 2_000_000;
const binary = /\.(?:png|jpe?g|gif|ico|onnx|bin|gz|zst|woff2?|parquet|pb)$/;

/** Paths of what git tracks or would track, relative to the root. */
export function trackedPaths(root: string): string[] {
  const output = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  return output.split("\0").filter((path) => path !== "");
}

/** The text files among them; files deleted but not yet staged, links, binaries and very large ones are left out. */
export function readTextFiles(root: string, paths: readonly string[]): TextFile[] {
  return paths
    .filter((path) => !binary.test(path))
    .filter((path) => {
      const entry = lstatSync(join(root, path), { throwIfNoEntry: false });
      return entry?.isFile() === true && entry.size <= maxTextBytes;
    })
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}
