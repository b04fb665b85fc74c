import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where fetched and built services are kept between runs, outside the repository: one folder per name and version. */
export function cacheFolder(nameAndVersion: string): string {
  const root = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(root, "plumbline", nameAndVersion);
  mkdirSync(folder, { recursive: true });
  return folder;
}
