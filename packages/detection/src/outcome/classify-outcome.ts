import type { Outcome, ReportedError } from "@plumbline/contracts";
import { parseJson } from "../parse-json.ts";
import { diagnosticsSignal } from "./diagnostics.ts";
import { emptinessSignal } from "./emptiness.ts";
import { envelopeSignal } from "./envelope.ts";
import { failureSentenceSignal } from "./failure-sentence.ts";
import { readResultText, type ResultText } from "./lines.ts";
import { nearMissSignal } from "./near-miss.ts";
import { pageSignal } from "./page.ts";
import { processReportSignal } from "./process-report.ts";
import { isOwnMessage, runsProgram, withoutWrapper } from "./program.ts";
import type { OutcomeSignal } from "./signal.ts";
import { stackTraceSignal } from "./stack-trace.ts";

export interface OutcomeFacts {
  toolName: string;
  /** Arguments as JSON or plain text. */
  arguments: string;
  /** Result as JSON or plain text; null when nothing carries it. */
  result: string | null;
  /** What the emitter itself said about an error. */
  reportedError: ReportedError | null;
}

type TextRule = (result: ResultText) => OutcomeSignal | null;

const reportRules: readonly TextRule[] = [processReportSignal, stackTraceSignal];
const contentRules: readonly TextRule[] = [pageSignal, diagnosticsSignal, failureSentenceSignal];

/** MCP and message-like wrappers hold the text a tool returned in parts. */
function innerText(value: unknown): string | null {
  if (typeof value === "string") return value;
  const content = typeof value === "object" && value !== null && "content" in value ? value.content : value;
  if (typeof content === "string") return content;
  if (!Array.isArray(content) || content.length === 0) return null;
  const texts = content.map((part: unknown) =>
    typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"
      ? part.text
      : null,
  );
  return texts.every((text) => text !== null) ? texts.join("\n") : null;
}

/** A check that takes no arguments and says that something is absent or impossible has answered. */
function isAnswerOfCheck(signal: OutcomeSignal, argumentsText: string): boolean {
  return (
    /^\s*(?:\{\s*\}|\[\s*\]|null)?\s*$/.test(argumentsText) &&
    /^(?:no|not|can(?:not|'t)|isn't|is not)\b/i.test(signal.message ?? "")
  );
}

function firstSignal(rules: readonly TextRule[], result: ResultText): OutcomeSignal | null {
  for (const rule of rules) {
    const signal = rule(result);
    if (signal !== null) return signal;
  }
  return null;
}

function textSignal(text: string, facts: OutcomeFacts): OutcomeSignal | null {
  const report = firstSignal(reportRules, readResultText(text));
  if (report !== null) return report;
  const result = readResultText(withoutWrapper(text));
  const content = nearMissSignal(result, facts.arguments) ?? firstSignal(contentRules, result);
  if (content === null || isOwnMessage(content.message ?? "", facts.arguments)) return null;
  return isAnswerOfCheck(content, facts.arguments) ? null : content;
}

function signalOf(text: string, facts: OutcomeFacts, depth = 0): OutcomeSignal | null {
  const value = parseJson(text);
  const empty = emptinessSignal(text, value);
  if (empty !== null) return empty;
  if (value === undefined) return textSignal(text, facts);
  const envelope = runsProgram(facts.arguments) ? null : envelopeSignal(value);
  if (envelope !== null) return envelope;
  const inner = innerText(value);
  return inner === null || depth > 1 ? null : signalOf(inner, facts, depth + 1);
}

/**
 * How a tool call ended, from its emitter's own word or else from the structure of what came back: error envelopes,
 * exit codes, HTTP status, stack traces, shell diagnostics. The mere word "error" in a text decides nothing.
 */
export function classifyOutcome(facts: OutcomeFacts): Outcome {
  const { result, reportedError } = facts;
  if (reportedError !== null) {
    return {
      class: "error",
      evidence: "reported error",
      errorType: reportedError.type,
      message: reportedError.message,
    };
  }
  if (result === null) return { class: "unknown", evidence: null, errorType: null, message: null };
  const signal = signalOf(result, facts);
  if (signal === null) return { class: "ok", evidence: null, errorType: null, message: null };
  return { class: signal.class, evidence: signal.evidence, errorType: null, message: signal.message };
}
