import { readdirSync, readFileSync } from "node:fs";

const fixtures = new URL("../../fixtures/spans/", import.meta.url);

export type CaptureFormat = "json" | "pb";

export interface CaptureFile {
  name: string;
  bytes: Uint8Array;
}

interface Tokens {
  input: number;
  output: number;
  cached_input: number;
  reasoning_output: number;
}

/** What really happened in a captured run. */
export interface Expected {
  llm_calls: number;
  tool_calls: number;
  tool_names: string[];
  tokens: Tokens;
}

interface Manifest {
  goal: string;
  entries: { name: string; scenarios: Record<string, { expected: Expected }> }[];
}

const manifest = JSON.parse(readFileSync(new URL("manifest.json", fixtures), "utf8")) as Manifest;

/** What every captured agent was asked for. */
export const captureGoal = manifest.goal;

export interface CaptureCase {
  name: string;
  scenario: string;
  expected: Expected;
}

/** All captured runs: each configuration in each of its scenarios. */
export const captureCases: readonly CaptureCase[] = manifest.entries.flatMap(({ name, scenarios }) =>
  Object.entries(scenarios).map(([scenario, { expected }]) => ({ name, scenario, expected })),
);

/** Formats in which a configuration was captured. */
export function captureFormats(name: string): CaptureFormat[] {
  const files = readdirSync(new URL(`${name}/`, fixtures));
  return (["json", "pb"] as const).filter((format) => files.some((file) => file.endsWith(`.${format}.gz`)));
}

/** Request bodies of one captured run, spans and logs. */
export function captureFiles(name: string, scenario: string, format: CaptureFormat): CaptureFile[] {
  const all = readdirSync(new URL(`${name}/`, fixtures)).filter((file) => file.startsWith(`${scenario}.`));
  const own = all.filter((file) => file.includes(`.${format}`));
  const hasLogs = own.some((file) => file.includes(".logs."));
  // Some emitters send logs as JSON only.
  const files =
    own.length === 0 || hasLogs ? own : [...own, ...all.filter((file) => file.includes(".logs."))];
  return files.map((file) => ({ name: file, bytes: readFileSync(new URL(`${name}/${file}`, fixtures)) }));
}
