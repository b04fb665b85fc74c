import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { sourceFlags } from "../source-flags.ts";

const run = promisify(execFile);
const guide = fileURLToPath(new URL("../../docs/guide/", import.meta.url));
const directory = fileURLToPath(new URL("../../examples/guide/", import.meta.url));
const examples = readdirSync(directory).filter((name) => name.endsWith(".ts"));

/** The lines behind `// Prints:` at the end of an example; undefined where what it prints differs from time to time. */
function promised(text: string): string[] | undefined {
  const block = text.split("\n// Prints:\n")[1];
  return block
    ?.trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\/\/ {0,3}/u, ""));
}

async function printed(name: string): Promise<string[]> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "plumbline-guide-"));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const environment = {
    PLUMBLINE_DATA_DIR: dataDirectory,
    PLUMBLINE_ENDPOINT: "http://127.0.0.1:1",
    PLUMBLINE_CONTROL_ENDPOINT: "off",
  };
  const { stdout } = await run(process.execPath, [...sourceFlags, join(directory, name)], {
    cwd: dataDirectory,
    env: { ...process.env, ...environment },
    timeout: 50_000,
  });
  return stdout.trimEnd().split("\n");
}

describe("an example of the guide", () => {
  it.each(examples)(
    "does without a server what it says: %s",
    async (name) => {
      const text = readFileSync(join(directory, name), "utf8");
      const lines = await printed(name);
      expect(lines).not.toEqual([""]);
      expect(lines).toEqual(promised(text) ?? lines);
    },
    60_000,
  );
});

describe("a page of the guide", () => {
  it.each(readdirSync(guide).filter((name) => name.endsWith(".md")))(
    "names examples that are there: %s",
    (name) => {
      const text = readFileSync(join(guide, name), "utf8");
      const named = [...text.matchAll(/examples\/guide\/([a-z0-9-]+\.ts)/gu)].map((match) => match[1]);
      for (const example of named) expect(examples).toContain(example);
    },
  );
});
