/** What telemetry can lack. */
export type Lack =
  | "content"
  | "tokens"
  | "tool-spans"
  | "conversation"
  | "attributes-dropped"
  | "gate"
  | "bypass"
  | "recognised";

const attributeLimit = "Set OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=1024 (and OTEL_ATTRIBUTE_COUNT_LIMIT=1024).";
const anyGate =
  "Start the process with `node --import @plumbline/instrumentation/register`, or wrap the agent in supervise(); without it Plumbline watches and can't hold.";
const conversation =
  "Put one id on every span of a conversation: gen_ai.conversation.id, or plumbline.run.id.";
const toolSpans =
  "Wrap tool calls in execute_tool spans (supervise() does), so that their results and durations are seen when they happen.";

/** Mends that hold whatever the dialect. */
const general: Record<Lack, string> = {
  content:
    "Switch content capture on; Plumbline reads goal, arguments and results, redacted where the agent redacts.",
  tokens: "Let the instrumentation record usage; with OpenAI streaming, set stream_options.include_usage.",
  "tool-spans": toolSpans,
  conversation,
  "attributes-dropped": attributeLimit,
  gate: anyGate,
  bypass:
    "Some clients or call options go around the gate: docs/integrations.md names them for each stack. Instrument every client of the process.",
  recognised:
    "Send spans with gen_ai.operation.name (OpenTelemetry GenAI conventions) or of a dialect on docs/dialects.md.",
};

/** The exact setting of each dialect, where there is one. */
const byDialect: Record<string, Partial<Record<Lack, string>>> = {
  genai: {
    content:
      "Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true, and send logs to /v1/logs too: content may travel there only.",
  },
  openinference: {
    content: "Unset OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_OUTPUTS.",
    conversation: "Call setSession / using_session with the conversation's id around the agent.",
  },
  openllmetry: {
    content: "Set TRACELOOP_TRACE_CONTENT=true.",
    conversation: "Call withAssociationProperties / set_association_properties with a session_id.",
  },
  "vercel-ai": {
    content: "Leave recordInputs and recordOutputs of experimental_telemetry on.",
    conversation: "Give experimental_telemetry.metadata a sessionId.",
    gate: "Call registerTelemetry(plumbline()) of @plumbline/instrumentation/ai-sdk (ai 7), or wrap models in instrumentModel() and tools in instrumentTools() (ai 5 and 6).",
    bypass:
      "Calls with telemetry: { isEnabled: false } or with integrations of their own pass no gate: leave both out, or wrap the model in instrumentModel().",
  },
  langsmith: {
    content: "Unset LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS.",
    gate: 'Add import "@plumbline/instrumentation/langchain" before the first model is made.',
  },
  "claude-code": {
    content: "Set OTEL_LOG_USER_PROMPTS=1, OTEL_LOG_TOOL_DETAILS=1 and OTEL_LOGS_EXPORTER=otlp.",
  },
  "google-adk": { content: "Set ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS=true." },
  plumbline: {
    content: 'Set PLUMBLINE_CONTENT to "redacted" or "full".',
    "tool-spans":
      "Tools that the agent runs by itself pass no gate, approval, checkpoint or audit: register them by run.tool, or add the adapter of their framework (docs/integrations.md).",
  },
};

/** How to mend a lack, as exactly as the dialects allow. */
export function mendFor(lack: Lack, dialects: readonly string[]): string {
  const own = dialects.flatMap((dialect) => byDialect[dialect]?.[lack] ?? []);
  return own.length > 0 ? [...new Set(own)].join(" ") : general[lack];
}
