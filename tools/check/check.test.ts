import { describe, expect, test } from "vitest";
import { anchorOf, checkLinks } from "./links.ts";
import { checkLockfile } from "./lockfile.ts";
import { checkMachineTraces } from "./machine-traces.ts";
import { checkSource } from "./sources.ts";

const source = (text: string, path = "packages/bus/src/bus.ts") => checkSource({ path, text });
const traces = (text: string) => checkMachineTraces({ path: "README.md", text }).length;

describe("sources", () => {
  test.each(['export * from "./a.ts";', 'export * as a from "./a.ts";', 'export type * from "./a.ts";'])(
    "%s is refused",
    (text) => {
      expect(source(text)).toHaveLength(1);
    },
  );

  test("a date without an argument is refused, one of given milliseconds is not", () => {
    expect(source("const now = new Date();")).toHaveLength(1);
    expect(source("const day = new Date(atMs);")).toEqual([]);
  });

  test("the clock and composition files may read the time", () => {
    expect(source("new Date()", "packages/contracts/src/clock.ts")).toEqual([]);
    expect(source("new Date()", "packages/collector/src/main.ts")).toEqual([]);
  });

  test("a violation names its line", () => {
    expect(source('const a = 1;\nexport * from "./a.ts";')[0]).toMatchObject({ line: 2 });
  });
});

describe("machine traces", () => {
  test.each([
    ["", "work", "main", "packages"].join("/"),
    `cd ${["", "root", ".cache"].join("/")}`,
    ["https://registry", "npmjs", "org/zod"].join("."),
    "Fixes #12",
    "see issue 4",
  ])("%s is refused", (text) => {
    expect(traces(text)).toBe(1);
  });

  test.each([
    "Refund order #1042",
    "./work/main.ts",
    "/v1/traces",
    "packages/detection/src/detect/registry.ts",
  ])("%s is allowed", (text) => {
    expect(traces(text)).toBe(0);
  });
});

describe("lockfile", () => {
  const lock = (resolved: string) =>
    checkLockfile({ path: "package-lock.json", text: `      "resolved": "${resolved}",` });

  test("a host in it is refused, a workspace link is not", () => {
    expect(lock("https://example.test/zod.tgz")).toHaveLength(1);
    expect(lock("packages/bus")).toEqual([]);
  });
});

describe("links", () => {
  const readme = (text: string) =>
    checkLinks(
      [
        { path: "docs/a.md", text },
        { path: "docs/b.md", text: "# What is lost?\n" },
      ],
      (path) => ["docs", "docs/a.md", "docs/b.md"].includes(path),
    );

  test("a missing file or heading is reported with its line", () => {
    expect(readme("\n[gone](./gone.md)")).toEqual([
      { path: "docs/a.md", line: 2, message: "No file at ./gone.md." },
    ]);
    expect(readme("[b](b.md#nothing)")).toHaveLength(1);
  });

  test("files, folders, headings, web addresses and code are left alone", () => {
    const text =
      "[b](b.md#what-is-lost) [d](../docs/) [w](https://example.test) `[x](y)`\n```\n[x](y)\n```\n";
    expect(readme(text)).toEqual([]);
  });

  test("anchors drop punctuation and keep letters", () => {
    expect(anchorOf("In the agent: `gate`")).toBe("in-the-agent-gate");
  });
});
