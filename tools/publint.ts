// Checks every package that is published: entry points exist, are packed, and carry types. Needs a build.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const packagesFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), "packages");
const isPublished = (folder: string): boolean => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { private?: boolean };
  return manifest.private !== true;
};

const folders = readdirSync(packagesFolder)
  .map((name) => join(packagesFolder, name))
  .filter(isPublished);
let failures = 0;
for (const pkgDir of folders) {
  const { messages, pkg } = await publint({ pkgDir, pack: "npm", strict: true, level: "warning" });
  failures += messages.length;
  for (const message of messages) {
    console.error(`${String(pkg["name"])}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
  }
}
console.log(`${String(folders.length)} packages linted, ${String(failures)} problems`);
process.exitCode = failures === 0 ? 0 : 1;
