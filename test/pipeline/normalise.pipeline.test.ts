import { readdirSync, readFileSync } from "node:fs";
import { normaliseTelemetry, type NormalisedRun } from "@plumbline/analyzer";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { describe, expect, test } from "vitest";

const fixtures = new URL("../fixtures/spans/", import.meta.url);

interface Tokens {
  input: number;
  output: number;
  cached_input: number;
  reasoning_output: number;
}

interface Expected {
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

/** Captures that carry no model span: nothing tells of calls and tokens. */
const withoutModelSpans = new Set([
  "langsmith-langgraph", // LangGraph's traced runs overwrite the enclosing span
  "traceloop-mcp", // only the MCP client is instrumented
  "py-autogen", // AutoGen leaves model spans to a client instrumentation
  "py-oi-crewai", // as above
  "py-otel-genai-openai-agents", // as above
]);
/** Captures that carry no tool span and no messages either. */
const withoutTools = new Set(["langsmith-langgraph"]);
/** Captures without any text of the task. */
const withoutGoal = new Set(["traceloop-mcp", "py-autogen", "py-otel-genai-openai-agents"]);
/** Captures whose tool spans carry no results, nor does anything else. */
const withoutResults = new Set(["langsmith-langgraph", "py-autogen"]);

/** Streamed calls whose tokens are not the provider's. */
const withoutStreamedTokens = new Set([
  "oi-openai-manual", // OpenInference for JavaScript records none on streamed chat
  "traceloop-openai", // OpenLLMetry for JavaScript estimates
  "traceloop-openai-bare",
  "traceloop-openai-0.20.0",
]);
const estimated = new Set(["traceloop-openai", "traceloop-openai-bare", "traceloop-openai-0.20.0"]);

type Format = "json" | "pb";

function filesOf(name: string, scenario: string, format: Format): string[] {
  const all = readdirSync(new URL(`${name}/`, fixtures)).filter((file) => file.startsWith(`${scenario}.`));
  const own = all.filter((file) => file.includes(`.${format}`));
  const hasLogs = own.some((file) => file.includes(".logs."));
  // Some emitters send logs as JSON only.
  return own.length === 0 || hasLogs ? own : [...own, ...all.filter((file) => file.includes(".logs."))];
}

const monitor = createMonitor(createPolicy({ profile: "enforce" }));

function runsOf(name: string, scenario: string, format: Format): NormalisedRun[] {
  const files = filesOf(name, scenario, format).map((file) => ({
    name: file,
    bytes: readFileSync(new URL(`${name}/${file}`, fixtures)),
  }));
  const { runs, rejected } = normaliseTelemetry(files, { monitor });
  expect(rejected).toEqual([]);
  return runs;
}

interface Case {
  name: string;
  scenario: string;
  expected: Expected;
}

const cases: Case[] = manifest.entries.flatMap(({ name, scenarios }) =>
  Object.entries(scenarios).map(([scenario, { expected }]) => ({ name, scenario, expected })),
);
const agentCases = cases.filter(({ expected }) => expected.llm_calls + expected.tool_calls > 0);
const formats: Format[] = ["json", "pb"];
const sorted = (names: readonly string[]): string[] => names.toSorted();

function checkCounts(runs: readonly NormalisedRun[], { name, expected }: Case): void {
  const [run] = runs;
  expect(run?.llm_calls).toBe(withoutModelSpans.has(name) ? 0 : expected.llm_calls);
  expect(run?.tool_calls).toBe(withoutTools.has(name) ? 0 : expected.tool_calls);
  expect(sorted(run?.tool_names ?? [])).toEqual(withoutTools.has(name) ? [] : sorted(expected.tool_names));
}

function checkTokens(run: NormalisedRun | undefined, { name, scenario, expected }: Case): void {
  if (run === undefined || withoutModelSpans.has(name)) return;
  const { usage } = run;
  if (scenario === "healthy_stream" && withoutStreamedTokens.has(name)) {
    expect(usage.estimated).toBe(estimated.has(name));
    return;
  }
  expect(usage.estimated).toBe(false);
  expect(usage.input_tokens).toBe(expected.tokens.input);
  expect(usage.output_tokens).toBe(expected.tokens.output);
  // Many emitters know nothing of cached and reasoning tokens; none may invent them.
  expect([0, expected.tokens.cached_input]).toContain(usage.cached_input_tokens);
  expect([0, expected.tokens.reasoning_output]).toContain(usage.reasoning_output_tokens);
}

const loopKinds = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);

function checkFindings(runs: readonly NormalisedRun[], { name, scenario }: Case): void {
  const kinds = runs.flatMap((run) => run.findings.map((finding) => finding.kind));
  const outcomes = runs.flatMap((run) =>
    run.steps.filter((step) => step.kind === "tool").map((step) => step.outcome),
  );
  if (scenario === "hidden_error" && !withoutResults.has(name)) expect(kinds).toContain("hidden-failure");
  else if (scenario === "loop" && !withoutTools.has(name)) {
    expect(kinds.some((kind) => loopKinds.has(kind))).toBe(true);
    expect(outcomes).not.toContain("ok");
  } else if (scenario !== "hidden_error" && scenario !== "loop") {
    expect(kinds).toEqual([]);
    expect(outcomes.filter((outcome) => outcome !== "ok" && outcome !== "unknown")).toEqual([]);
  }
}

describe.each(agentCases)("$name $scenario", (capture) => {
  const { name, scenario } = capture;
  test.each(formats)("%s says what really happened", (format) => {
    const runs = runsOf(name, scenario, format);
    expect(runs).toHaveLength(1);
    checkCounts(runs, capture);
    checkTokens(runs[0], capture);
    checkFindings(runs, capture);
    if (scenario !== "retrieval" && !withoutGoal.has(name)) expect(runs[0]?.goal).toBe(manifest.goal);
  });
});

test.each(cases.filter(({ expected }) => expected.llm_calls + expected.tool_calls === 0))(
  "$name $scenario, which only embeds, is no run with steps",
  ({ name, scenario }) => {
    for (const format of formats)
      expect(runsOf(name, scenario, format).flatMap((run) => run.steps)).toEqual([]);
  },
);

test("both formats of one capture give the same steps", () => {
  const strip = (runs: readonly NormalisedRun[]): unknown =>
    runs.flatMap((run) =>
      run.steps.map(({ kind, name, args, result, outcome }) => ({ kind, name, args, result, outcome })),
    );
  for (const name of ["ai-sdk-7", "strands", "oi-anthropic", "otel-openai-chat"]) {
    expect(strip(runsOf(name, "healthy", "pb"))).toEqual(strip(runsOf(name, "healthy", "json")));
  }
});
