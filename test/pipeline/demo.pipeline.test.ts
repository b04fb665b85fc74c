import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createPlace, runPlumbline } from "./support/plumbline-process.ts";

const seeds = (process.env["PLUMBLINE_DEMO_SEEDS"] ?? "3").split(",");
const directories: string[] = [];

afterAll(async () => {
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
});

describe("plumbline demo --once", () => {
  it.each(seeds)("ends with every agent as expected, seed %s", { timeout: 120_000 }, async (seed) => {
    const directory = await mkdtemp(join(tmpdir(), "plumbline-demo-"));
    directories.push(directory);
    const { code, output } = await runPlumbline(
      ["demo", "--once", "--seed", seed],
      await createPlace(directory),
    );
    expect(output).toContain("8 of 8 agents ended as expected.");
    expect(code).toBe(0);
  });
});
