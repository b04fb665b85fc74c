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

/** Features of an ended tool call. */
export function toolFeaturesOf(step: Step, seed: number): ToolFeatures {
  const text = step.tool?.arguments ?? "";
  const result = step.tool?.result ?? "";
  const canonical = canonicalArguments(text);
  const argumentTokens = tokensOf(cut(canonical.values.join("\n")));
  const echoed = new Set([...argumentTokens.stems, ...argumentTokens.entities]);
  const readable = cut(result);
  const masked = maskVolatile(readable);
  const failed = step.outcome.class === "error" || step.outcome.class === "hidden-error";
  const failing = failed || reportsFailingCheck(readable);
  const failureText =
    masked === "" ? `${step.outcome.errorType ?? ""} ${step.outcome.message ?? ""}` : readable;
  const tool = hash32(step.name, seed);
  const traits = step.tool?.traits ?? {};
  return {
    kind: "tool",
    tool,
    call: mix(tool, hash32(canonical.core, seed)),
    result: hash32(result.length > readChars ? `${String(result.length)} ${masked}` : masked, seed),
    outcome: step.outcome.class,
    waiting: !failed && saysWaiting(result),
    failure: failing ? failureFingerprint(failureText, echoed, seed) : null,
    argumentWords: sketchOf(argumentTokens.stems, sketchSize.words, seed),
    argumentEntities: sketchOf(argumentTokens.entities, sketchSize.entities, seed),
    content: sketchOf(contentOf(tokensOf(masked), echoed), sketchSize.content, seed),
    nameWords: sketchOf(tokensOf(step.name).stems, sketchSize.nameWords, seed),
    polls: traits.polls ?? null,
    mutates: traits.mutates ?? null,
  };
}
