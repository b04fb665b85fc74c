import type { Step, ToolCall } from "@plumbline/contracts";
import { isAcknowledgement } from "./acknowledgement.ts";
import { canonicalValue } from "../mask/canonical-arguments.ts";
import { parseJson } from "../parse-json.ts";
import { maskLines, onOneLine } from "../mask/mask-volatile.ts";
import { failureFingerprint, reportsFailingCheck } from "./failure-fingerprint.ts";
import { gistOf } from "./gist.ts";
import { hash32, mix } from "./hash.ts";
import { misuseOf } from "./misuse.ts";
import { namedIds } from "./record-ids.ts";
import { requestKindIn } from "./request.ts";
import { contentHashes } from "./content.ts";
import { sketchOf, sketchOfHashes } from "./sketch.ts";
import type { ToolFeatures } from "./step-features.ts";
import { toolVocabulary } from "./vocabulary.ts";
import { saysWaiting } from "./waiting.ts";
import { tallyOf } from "./tally.ts";
import { tokensOf, type TextTokens } from "./words.ts";

const sketchSize = { words: 16, entities: 12, content: 48, nameWords: 4 } as const;
const readChars = 12_000;

function cut(text: string): string {
  return text.length <= readChars
    ? text
    : `${text.slice(0, (readChars * 2) / 3)}\n${text.slice(-readChars / 3)}`;
}

interface ReadResult {
  /** Telemetry tells what came back. */
  seen: boolean;
  /** Masked, its lines kept. */
  lines: string;
  /** Masked, on one line. */
  masked: string;
  failed: boolean;
  /** What a failure fingerprint is read from; null when nothing failed. */
  failure: string | null;
}

function readResult(step: Step, call: ToolCall): ReadResult {
  const result = cut(call.result ?? "");
  const lines = maskLines(result);
  const masked = onOneLine(lines);
  const { outcome } = step;
  const failed = outcome.class === "error" || outcome.class === "hidden-error";
  const reported = masked === "" ? `${outcome.errorType ?? ""} ${outcome.message ?? ""}` : result;
  return {
    seen: call.result !== null,
    lines,
    masked,
    failed,
    failure: failed || reportsFailingCheck(result) ? reported : null,
  };
}

function argumentFeatures(
  tokens: TextTokens,
  seed: number,
): Pick<ToolFeatures, "argumentWords" | "argumentEntities"> {
  return {
    argumentWords: sketchOf(tokens.stems, sketchSize.words, seed),
    argumentEntities: sketchOf(tokens.entities, sketchSize.entities, seed),
  };
}

function failureFeatures(
  step: Step,
  read: ReadResult,
  fingerprint: (text: string) => number,
): Pick<ToolFeatures, "failure" | "misuse"> {
  if (read.failure === null) return { failure: null, misuse: null };
  const said = `${step.outcome.errorType ?? ""} ${step.outcome.message ?? ""} ${read.masked}`;
  return { failure: fingerprint(read.failure), misuse: misuseOf(said) };
}

function answerFeatures(
  { seen, masked, failed }: ReadResult,
  seed: number,
): Pick<ToolFeatures, "blank" | "ack" | "tally" | "waiting"> {
  if (failed) return { blank: false, ack: false, tally: null, waiting: false };
  // An answer that nobody saw may be anything: it is given the patience of a poll.
  if (!seen) return { blank: false, ack: false, tally: null, waiting: true };
  return {
    blank: masked === "",
    ack: isAcknowledgement(masked),
    tally: tallyOf(masked, seed),
    waiting: saysWaiting(masked),
  };
}

/** Arguments of which telemetry tells nothing are those of no other call. */
const argumentsOrStep = (step: Step, call: ToolCall, seenArguments: string): string =>
  call.arguments === "" ? step.stepId : seenArguments;

const lies = ({ outcome }: Step): boolean =>
  outcome.class === "hidden-error" && (outcome.evidence ?? "").startsWith("result.");

const saysNo = ({ outcome }: Step, { failure }: ReadResult): boolean =>
  failure !== null || outcome.class === "empty";

/** What stands beside an empty list only places it; a miss that offers alternatives tells something. */
const holdsNothing = ({ outcome }: Step): boolean =>
  outcome.class === "empty" && (outcome.evidence ?? "").startsWith("result");

/** Features of an ended tool call. */
export function toolFeaturesOf(step: Step, call: ToolCall, seed: number): ToolFeatures {
  const lengthChars = call.result?.length ?? 0;
  const asked = parseJson(call.arguments);
  const canonical = canonicalValue(asked ?? call.arguments);
  const tokens = tokensOf(cut(canonical.values.join("\n")));
  const echoed = new Set([...tokens.stems, ...tokens.entities]);
  const read = readResult(step, call);
  const told = tokensOf(read.masked);
  const tool = hash32(step.name, seed);
  return {
    kind: "tool",
    tool,
    call: mix(tool, hash32(argumentsOrStep(step, call, canonical.core), seed)),
    shape: mix(tool, hash32(argumentsOrStep(step, call, canonical.core.replaceAll(/\d+/g, "#")), seed)),
    result: hash32(lengthChars > readChars ? `${String(lengthChars)} ${read.masked}` : read.masked, seed),
    outcome: step.outcome.class,
    ...answerFeatures(read, seed),
    ...failureFeatures(step, read, (text) => failureFingerprint(text, echoed, seed)),
    lies: lies(step),
    asks: requestKindIn(canonical.values),
    ...argumentFeatures(tokens, seed),
    content: holdsNothing(step) ? [] : sketchOfHashes(contentHashes(told, echoed, seed), sketchSize.content),
    gist: gistOf({ text: read.lines, tokens: told, echoed, failed: saysNo(step, read) }, seed),
    nameWords: sketchOf(tokensOf(step.name).stems, sketchSize.nameWords, seed),
    polls: call.traits.polls ?? null,
    mutates: call.traits.mutates ?? null,
    ids: namedIds(asked, seed),
    vocabulary: toolVocabulary({ asked: tokens, told }, call, seed),
  };
}
