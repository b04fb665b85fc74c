import type { Outcome, ReportedError } from "@plumbline/contracts";
import { diagnosticsSignal } from "./diagnostics.ts";
import { emptinessSignal } from "./emptiness.ts";
import { envelopeSignal } from "./envelope.ts";
import { failureSentenceSignal } from "./failure-sentence.ts";
import { readResultText, type ResultText } from "./lines.ts";
import { processReportSignal } from "./process-report.ts";
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

const textSignals: readonly ((result: ResultText) => OutcomeSignal | null)[] = [
  processReportSignal,
  stackTraceSignal,
  diagnosticsSignal,
  failureSentenceSignal,
];

function parseJson(text: string): unknown {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[" && start !== '"') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

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

function signalOf(text: string, depth = 0): OutcomeSignal | null {
  const value = parseJson(text);
  const structural = emptinessSignal(text, value) ?? envelopeSignal(value);
  if (structural !== null) return structural;
  if (value !== undefined) {
    const inner = innerText(value);
    return inner === null || depth > 1 ? null : signalOf(inner, depth + 1);
  }
  const result = readResultText(text);
  for (const read of textSignals) {
    const signal = read(result);
    if (signal !== null) return signal;
  }
  return null;
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
  const signal = signalOf(result);
  if (signal === null) return { class: "ok", evidence: null, errorType: null, message: null };
  return { class: signal.class, evidence: signal.evidence, errorType: null, message: signal.message };
}
