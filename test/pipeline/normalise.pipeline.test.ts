import { normaliseTelemetry, type NormalisedRun } from "@plumbline/analyzer";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { describe, expect, test } from "vitest";
import {
  type CaptureCase,
  captureCases,
  captureFiles,
  captureFormats,
  captureGoal,
  type CaptureFormat,
} from "./support/captures.ts";

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
  "oi-openai-chat", // as above
  "traceloop-openai", // OpenLLMetry for JavaScript estimates
  "traceloop-openai-bare",
  "traceloop-openai-0.20.0",
]);
/** Captures whose model spans carry no counts. */
const withoutTokens = new Set([
  "py-traceloop-openai-agents-chat", // OpenLLMetry takes counts from the responses API alone
]);
const estimated = new Set(["traceloop-openai", "traceloop-openai-bare", "traceloop-openai-0.20.0"]);

/** Model calls that the spans of a capture tell of, where these are others than were made. */
const modelCallsTold: Record<string, number> = {
  "voltagent healthy": 1, // one span stands for the whole loop
  "voltagent healthy_stream": 1,
  "voltagent loop": 1,
  "voltagent hidden_error": 1,
  "langsmith-openai healthy_stream": 1, // a streamed call overwrites the enclosing span
};
/** Captures whose spans leave tokens out, for the reason above. */
const withoutSomeTokens = new Set(["langsmith-openai healthy_stream"]);

/** Names that a capture gives to tools, where these are others than were called. */
const toolNameTold: Record<string, string> = {
  "traceloop-langgraph loop": "DynamicStructuredTool", // the class; a tool that throws leaves no message with its name
};

const monitor = createMonitor(createPolicy({ profile: "enforce" }));

function runsOf(name: string, scenario: string, format: CaptureFormat): NormalisedRun[] {
  const files = captureFiles(name, scenario, format);
  const { runs, rejected } = normaliseTelemetry(files, { monitor });
  expect(rejected).toEqual([]);
  return runs;
}

const agentCases = captureCases.filter(({ expected }) => expected.llm_calls + expected.tool_calls > 0);
const sorted = (names: readonly string[]): string[] => names.toSorted();

function toolNamesOf({ name, scenario, expected }: CaptureCase): string[] {
  if (withoutTools.has(name)) return [];
  const told = toolNameTold[`${name} ${scenario}`];
  return told === undefined ? sorted(expected.tool_names) : expected.tool_names.map(() => told);
}

function checkCounts(runs: readonly NormalisedRun[], capture: CaptureCase): void {
  const { name, scenario, expected } = capture;
  const [run] = runs;
  const calls = modelCallsTold[`${name} ${scenario}`] ?? expected.llm_calls;
  expect(run?.llm_calls).toBe(withoutModelSpans.has(name) ? 0 : calls);
  expect(run?.tool_calls).toBe(withoutTools.has(name) ? 0 : expected.tool_calls);
  expect(sorted(run?.tool_names ?? [])).toEqual(toolNamesOf(capture));
}

function tellsTokens({ name, scenario }: CaptureCase): boolean {
  if (withoutModelSpans.has(name) || withoutTokens.has(name)) return false;
  return !withoutSomeTokens.has(`${name} ${scenario}`);
}

function checkTokens(run: NormalisedRun | undefined, capture: CaptureCase): void {
  if (run === undefined || !tellsTokens(capture)) return;
  const { name, scenario, expected } = capture;
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

function checkFindings(runs: readonly NormalisedRun[], { name, scenario }: CaptureCase): void {
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
  test.each(captureFormats(name))("%s says what really happened", (format) => {
    const runs = runsOf(name, scenario, format);
    expect(runs).toHaveLength(1);
    checkCounts(runs, capture);
    checkTokens(runs[0], capture);
    checkFindings(runs, capture);
    if (scenario !== "retrieval" && !withoutGoal.has(name)) expect(runs[0]?.goal).toBe(captureGoal);
  });
});

test.each(captureCases.filter(({ expected }) => expected.llm_calls + expected.tool_calls === 0))(
  "$name $scenario, which only embeds, is no run with steps",
  ({ name, scenario }) => {
    for (const format of captureFormats(name))
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
