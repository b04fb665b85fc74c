import type { Message, ReportedError, Usage } from "@plumbline/contracts";
import { endOf, type ModelEnd, type ModelRecord, type Prompt, startMsOf } from "./assembly-state.ts";

interface Records {
  record: ModelRecord;
  duplicates: readonly ModelRecord[];
}

/** All records of one call, the one that stands for it first. */
const allOf = ({ record, duplicates }: Records): ModelRecord[] => [record, ...duplicates];

/** What a source says, from the first that says anything. */
function firstOf<Value>(records: Records, read: (record: ModelRecord) => Value | null): Value | null {
  for (const record of allOf(records)) {
    const value = read(record);
    if (value !== null) return value;
  }
  return null;
}

const ownPrompt = (record: ModelRecord): Prompt | null =>
  record.startPrompt ?? record.spanPrompt ?? record.loggedPrompt;

/** What is new in the prompt. */
export const promptOf = (records: Records): Prompt | null => firstOf(records, ownPrompt);

function loggedOutput(record: ModelRecord): Message[] | null {
  const messages = record.logged
    .filter((entry) => entry.direction === "output")
    .flatMap((entry) => entry.messages);
  return messages.length === 0 ? null : messages;
}

const ownOutput = (record: ModelRecord): Message[] | null =>
  nonEmpty(record.span?.output) ?? nonEmpty(record.event?.output) ?? loggedOutput(record);

function nonEmpty(messages: Message[] | null | undefined): Message[] | null {
  return messages === null || messages === undefined || messages.length === 0 ? null : messages;
}

export const outputOf = (records: Records): Message[] | null => firstOf(records, ownOutput);

function text(records: Records, read: (end: ModelEnd) => string | null): string | null {
  return firstOf(records, (record) => {
    const values = [record.span, record.event].map((end) => (end === null ? null : read(end)));
    return values.find((value) => value !== null && value !== "") ?? null;
  });
}

function finishReasonsOf(records: Records): string[] {
  const found = firstOf(records, ({ span, event, logged }) => {
    const told = [span?.finishReasons, event?.finishReasons, logged.flatMap((entry) => entry.finishReasons)];
    return told.find((reasons) => reasons !== undefined && reasons.length > 0) ?? null;
  });
  return found ?? [];
}

/**
 * Of several records of a call the innermost, which began last, is nearest to what the provider counted; those around it
 * fill what it leaves out or a limit cut away.
 */
function usageOf(records: Records): Usage | null {
  const innermostFirst = allOf(records).toSorted((first, second) => startMsOf(second) - startMsOf(first));
  const known = innermostFirst
    .map(({ span, event }) => span?.usage ?? event?.usage ?? null)
    .filter((usage) => usage !== null)
    .toSorted((first, second) => Number(first.estimated) - Number(second.estimated));
  const [first] = known;
  if (first === undefined) return null;
  const filled = { ...first };
  for (const usage of known) {
    filled.inputTokens ||= usage.inputTokens;
    filled.outputTokens ||= usage.outputTokens;
    filled.cachedInputTokens ||= usage.cachedInputTokens;
    filled.reasoningOutputTokens ||= usage.reasoningOutputTokens;
  }
  return filled;
}

/** The whole call's error, not that of an attempt within it. */
function errorOf({ record: { span, event } }: Records): ReportedError | null {
  return span?.error ?? event?.error ?? null;
}

function reportedCostOf(records: Records): number | null {
  return firstOf(
    records,
    ({ span, event }) => span?.reportedCostMicroUsd ?? event?.reportedCostMicroUsd ?? null,
  );
}

/** Everything known of one model call, each fact from the source that knows it best. */
export function modelFactsOf(records: Records): ModelEnd & { prompt: Prompt | null; ended: boolean } {
  const { record } = records;
  const begun = record.start ?? { provider: "", requestModel: "" };
  const end = endOf(record);
  return {
    provider: text(records, (facts) => facts.provider) ?? begun.provider,
    requestModel: text(records, (facts) => facts.requestModel) ?? begun.requestModel,
    responseModel: text(records, (facts) => facts.responseModel),
    responseId: text(records, (facts) => facts.responseId),
    output: outputOf(records),
    finishReasons: finishReasonsOf(records),
    usage: usageOf(records),
    reportedCostMicroUsd: reportedCostOf(records),
    error: errorOf(records),
    startMs: startMsOf(record),
    endMs: end === null ? 0 : end.endMs,
    prompt: promptOf(records),
    ended: end !== null,
  };
}
