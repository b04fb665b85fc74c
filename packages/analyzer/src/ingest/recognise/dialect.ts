import type {
  Message,
  OtlpLogRecord,
  OtlpSpan,
  ReportedError,
  ToolTraits,
  Usage,
} from "@plumbline/contracts";
import type { ObservationContent } from "./observation-content.ts";

/** What a dialect reads of a model call; what it leaves out is unknown. */
export interface ModelReading {
  kind: "model";
  provider?: string | undefined;
  requestModel?: string | undefined;
  responseModel?: string | undefined;
  responseId?: string | undefined;
  previousResponseId?: string | undefined;
  systemInstructions?: string | undefined;
  input?: Message[] | undefined;
  output?: Message[] | undefined;
  finishReasons?: string[] | undefined;
  usage?: Usage | undefined;
  /** As the emitter itself reports it, in US dollars. */
  reportedCostUsd?: number | undefined;
}

export interface ToolReading {
  kind: "tool";
  toolName: string;
  callId?: string | undefined;
  /** JSON text, or plain text where the emitter has no JSON. */
  arguments?: string | undefined;
  result?: string | undefined;
  traits?: ToolTraits | undefined;
}

/** An agent, workflow, request or other wrapper around calls. */
export interface ScopeReading {
  kind: "scope";
  isAgent: boolean;
  goal?: string | undefined;
  output?: string | undefined;
  /** Of all calls right under it, where their own spans do not tell of each. */
  usage?: Usage | undefined;
}

/** Recognised, and known to be no part of any run. */
export interface NoiseReading {
  kind: "noise";
}

export interface Identification {
  agentName?: string | undefined;
  conversationId?: string | undefined;
  runId?: string | undefined;
}

export type CallReading = (ModelReading | ToolReading | ScopeReading) &
  Identification & {
    /** What the dialect's own signals say of an error; undefined leaves it to the common ones, null rules them out. */
    error?: ReportedError | null | undefined;
  };
export type SpanReading = CallReading | NoiseReading;

export const noise: NoiseReading = { kind: "noise" };

/** What a log record says, and whose it is. */
export interface LogReading extends Identification {
  contents: ObservationContent[];
}

/** A dialect for people: one row of the page that is made of all of them. */
export interface DialectSummary {
  /** Stacks whose real telemetry it was checked against. */
  captured: string;
  /** Stacks of which only the source was read: experimental. */
  fromSource: string;
  recognisedBy: string;
  reads: string;
}

/** One way of writing agent telemetry. First dialect that returns a reading wins. */
export interface Dialect {
  name: string;
  summary: DialectSummary;
  /** Undefined when the span is not of this dialect. */
  readSpan?(span: OtlpSpan): SpanReading | undefined;
  readLog?(record: OtlpLogRecord): LogReading | undefined;
}
