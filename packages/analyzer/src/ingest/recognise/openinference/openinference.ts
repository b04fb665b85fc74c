import { type OtlpSpan, type ReportedError, textOf as messageText } from "@plumbline/contracts";
import {
  amountOf,
  countOf,
  decodedJsonText,
  firstText,
  isRecord,
  parsed,
  textOf,
  textsOf,
} from "../attribute-access.ts";
import type {
  CallReading,
  Dialect,
  Identification,
  ModelReading,
  ScopeReading,
  ToolReading,
} from "../dialect.ts";
import { goalOf } from "../genai/read-genai-span.ts";
import { readMessages } from "../messages/read-messages.ts";
import { spanError } from "../span-error.ts";
import { usageOf } from "../token-usage.ts";
import { unwrappedArguments, unwrappedResult } from "../tool-result.ts";
import { completionMessages, promptMessages } from "./read-messages.ts";

function identification({ attributes }: OtlpSpan): Identification {
  const metadata = parsed(attributes["metadata"]);
  const session = isRecord(metadata) ? (metadata["session_id"] ?? metadata["thread_id"]) : undefined;
  return {
    agentName: firstText(attributes, ["agent.name", "graph.node.name"]),
    conversationId: textOf(attributes, "session.id") ?? (typeof session === "string" ? session : undefined),
  };
}

function usage({ attributes }: OtlpSpan): ModelReading["usage"] {
  return usageOf({
    input: countOf(attributes["llm.token_count.prompt"]),
    output: countOf(attributes["llm.token_count.completion"]),
    cachedInput: countOf(attributes["llm.token_count.prompt_details.cache_read"]),
    cacheWrite: countOf(attributes["llm.token_count.prompt_details.cache_write"]),
    reasoningOutput: countOf(attributes["llm.token_count.completion_details.reasoning"]),
  });
}

function responseIdOf({ attributes }: OtlpSpan): string | undefined {
  const response = parsed(attributes["output.value"]);
  const id = isRecord(response) ? response["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}

/** A model call that answered did not fail: some converters hand the error of a tool up to the calls around it. */
function modelError(span: OtlpSpan, hasOutput: boolean): ReportedError | null {
  const hasException = span.events.some((event) => event.name === "exception");
  return hasOutput && !hasException ? null : spanError(span, false);
}

const preparing = /(?:^|\.)_prepare\w*$/;

/** LlamaIndex names spans after methods, and marks the one that puts a request together as a call as well. */
function isPreparation({ name, attributes }: OtlpSpan): boolean {
  return preparing.test(name) && attributes["llm.input_messages.0.message.role"] === undefined;
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const model = textOf(attributes, "llm.model_name");
  const tokens = usage(span);
  const output = completionMessages(attributes);
  if (tokens === undefined && (model === undefined || isPreparation(span))) return readScope(span, false);
  return {
    kind: "model",
    provider: firstText(attributes, ["llm.provider", "llm.system"]),
    requestModel: textOf(attributes, "llm.request.model_name") ?? model,
    responseModel: textOf(attributes, "llm.response.model_name") ?? model,
    responseId: responseIdOf(span),
    input: promptMessages(attributes),
    output,
    finishReasons: textsOf(attributes["llm.finish_reason"]),
    usage: tokens,
    reportedCostUsd: amountOf(attributes["llm.cost.total"]),
    error: modelError(span, output !== undefined),
    ...identification(span),
  };
}

function readTool(span: OtlpSpan): ToolReading & Identification {
  const { attributes } = span;
  const input = decodedJsonText(attributes["input.value"]);
  const output = decodedJsonText(attributes["output.value"]);
  return {
    kind: "tool",
    toolName: textOf(attributes, "tool.name") ?? span.name,
    callId: firstText(attributes, ["tool_call.id", "tool.id", "tool.call.id"]),
    arguments: input === undefined ? undefined : unwrappedArguments(input),
    result: output === undefined ? undefined : unwrappedResult(output),
    ...identification(span),
  };
}

/** Messages that Python printed, as AutoGen hands them on: the prompt of the first call tells them better. */
function holdsPrinted(input: unknown): boolean {
  const messages = isRecord(input) ? input["messages"] : undefined;
  return (
    Array.isArray(messages) && messages.some((item) => typeof item === "string" && printedObject.test(item))
  );
}

const printedObject = /^(?:\w+\()?\w+=/;

/** What an agent was asked, out of messages, of a function's arguments, or as plain text. */
function goalIn(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const input = parsed(value);
  if (typeof input === "string") return input;
  if (holdsPrinted(input)) return undefined;
  return goalOf(readMessages(input)) ?? namedGoal(input);
}

const goalNames = ["task", "input", "query", "question", "prompt"];

function namedGoal(input: unknown): string | undefined {
  if (!isRecord(input)) return undefined;
  const named = goalNames.map((name) => input[name] ?? undefined).find((goal) => goal !== undefined);
  return typeof named === "string" ? named : undefined;
}

/** CrewAI lists the tasks of a crew on its root span. */
function crewGoal(attributes: OtlpSpan["attributes"]): string | undefined {
  const tasks = parsed(attributes["crew_tasks"]);
  if (!Array.isArray(tasks)) return undefined;
  const descriptions = tasks.map((task) => (isRecord(task) ? task["description"] : undefined));
  const texts = descriptions.filter((text) => typeof text === "string" && text !== "");
  return texts.length === 0 ? undefined : texts.join("\n");
}

/** Cancelling is how some runtimes end an agent that is done. */
function scopeError(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, false);
  return error?.type?.endsWith("CancelledError") === true ? null : error;
}

/** What a wrapper was called with matters only where it stands for the agent: graphs repeat it at every node. */
function scopeContent({ attributes }: OtlpSpan): Pick<ScopeReading, "goal" | "output"> {
  const output = readMessages(attributes["output.value"])?.findLast((message) => messageText(message) !== "");
  return {
    goal: crewGoal(attributes) ?? goalIn(textOf(attributes, "input.value")),
    output: output === undefined ? undefined : messageText(output),
  };
}

function readScope(
  span: OtlpSpan,
  isAgent: boolean,
): ScopeReading & Identification & Pick<CallReading, "error"> {
  const isAsked = isAgent || span.parentSpanId === "";
  return {
    kind: "scope",
    isAgent,
    ...(isAsked && scopeContent(span)),
    error: scopeError(span),
    ...identification(span),
  };
}

/** How a smolagents run hands in its answer: a tool of the framework, that no model call counts as an action. */
function isFinalAnswer(span: OtlpSpan): boolean {
  return /smolagents/.test(span.origin.scopeName) && textOf(span.attributes, "tool.name") === "final_answer";
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const kind = textOf(span.attributes, "openinference.span.kind")?.toUpperCase();
  switch (kind) {
    case undefined:
      return undefined;
    case "LLM":
      return readModel(span);
    case "TOOL":
      return isFinalAnswer(span) ? readScope(span, false) : readTool(span);
    default:
      return readScope(span, kind === "AGENT");
  }
}

export const openInferenceDialect: Dialect = {
  name: "openinference",
  summary: {
    captured:
      "OpenAI (JavaScript, Python), Anthropic (JavaScript, Python), OpenAI Agents (JavaScript, Python), LangChain and LangGraph (JavaScript, Python), AI SDK 6, LlamaIndex (Python), AutoGen, CrewAI, smolagents",
    fromSource: "Google ADK",
    recognisedBy: "`openinference.span.kind`",
    reads:
      "`llm.input_messages.*`, `llm.output_messages.*`, `llm.token_count.*`, `tool.name`, `input.value`, `output.value`, `session.id`, `metadata`",
  },
  readSpan,
};
