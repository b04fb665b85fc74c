import type { Step } from "@plumbline/contracts";
import { canonicalArguments } from "../mask/canonical-arguments.ts";
import { maskVolatile } from "../mask/mask-volatile.ts";
import { failureFingerprint, reportsFailingCheck } from "./failure-fingerprint.ts";
import { hash32, mix } from "./hash.ts";
import { sketchOf } from "./sketch.ts";
import type { ToolFeatures } from "./step-features.ts";
import { saysWaiting } from "./waiting.ts";
import { tokensOf, type TextTokens } from "./words.ts";

const sketchSize = { words: 16, entities: 12, content: 48, nameWords: 6 } as const;
const readChars = 12_000;

function cut(text: string): string {
  return text.length <= readChars
    ? text
    : `${text.slice(0, (readChars * 2) / 3)}\n${text.slice(-readChars / 3)}`;
}

/** Words, entities and neighbouring pairs of a text that another text did not hold. */
export function contentOf(tokens: TextTokens, echoed: ReadonlySet<string>): string[] {
  const content: string[] = [];
  let previous = "";
  for (const stem of tokens.stems) {
    if (!echoed.has(stem)) {
      content.push(stem);
      if (previous !== "") content.push(`${previous} ${stem}`);
    }
    previous = echoed.has(stem) ? "" : stem;
  }
  for (const entity of tokens.entities) if (!echoed.has(entity)) content.push(entity);
  return content;
}

interface ReadResult {
  masked: string;
  failed: boolean;
  /** What a failure fingerprint is read from; null when nothing failed. */
  failure: string | null;
}

function readResult(step: Step): ReadResult {
  const result = cut(step.tool?.result ?? "");
  const masked = maskVolatile(result);
  const { outcome } = step;
  const failed = outcome.class === "error" || outcome.class === "hidden-error";
  const reported = masked === "" ? `${outcome.errorType ?? ""} ${outcome.message ?? ""}` : result;
  return { masked, failed, failure: failed || reportsFailingCheck(result) ? reported : null };
}

function traitsOf(step: Step): Pick<ToolFeatures, "polls" | "mutates"> {
  const traits = step.tool?.traits;
  return { polls: traits?.polls ?? null, mutates: traits?.mutates ?? null };
}

/** Features of an ended tool call. */
export function toolFeaturesOf(step: Step, seed: number): ToolFeatures {
  const lengthChars = step.tool?.result?.length ?? 0;
  const canonical = canonicalArguments(step.tool?.arguments ?? "");
  const argumentTokens = tokensOf(cut(canonical.values.join("\n")));
  const echoed = new Set([...argumentTokens.stems, ...argumentTokens.entities]);
  const { masked, failed, failure } = readResult(step);
  const tool = hash32(step.name, seed);
  return {
    kind: "tool",
    tool,
    call: mix(tool, hash32(canonical.core, seed)),
    result: hash32(lengthChars > readChars ? `${String(lengthChars)} ${masked}` : masked, seed),
    outcome: step.outcome.class,
    blank: masked === "" && !failed,
    waiting: !failed && saysWaiting(masked),
    failure: failure === null ? null : failureFingerprint(failure, echoed, seed),
    argumentWords: sketchOf(argumentTokens.stems, sketchSize.words, seed),
    argumentEntities: sketchOf(argumentTokens.entities, sketchSize.entities, seed),
    content: sketchOf(contentOf(tokensOf(masked), echoed), sketchSize.content, seed),
    nameWords: sketchOf(tokensOf(step.name).stems, sketchSize.nameWords, seed),
    ...traitsOf(step),
  };
}
