import { isToolCallPart, type Message, type ModelCall, textOf } from "@plumbline/contracts";
import { maskVolatile } from "../mask/mask-volatile.ts";
import { claimedStems } from "./claims.ts";
import { hash32 } from "./hash.ts";
import { contentHashes } from "./content.ts";
import { sketchOf, sketchOfHashes } from "./sketch.ts";
import type { ModelFeatures } from "./step-features.ts";
import { modelVocabulary } from "./vocabulary.ts";
import { tokensOf } from "./words.ts";

const sketchSize = { words: 24, entities: 12, content: 40 } as const;
const readChars = 8000;
const nothingEchoed: ReadonlySet<string> = new Set();

const endsInWord = /[\p{L}\p{N}]$/u;
const goesOn = /^[\p{Ll}\p{N}]/u;

/** Texts one below the other; a word that a streamed reply was cut in is made whole. */
function joinTexts(texts: readonly string[]): string {
  let joined = "";
  for (const text of texts) {
    if (joined.length >= readChars) break;
    joined += endsInWord.test(joined) && goesOn.test(text) ? text : `\n${text}`;
  }
  return joined.trimStart().slice(0, readChars);
}

const textByRole = (messages: readonly Message[], isWanted: (role: string) => boolean): string =>
  joinTexts(messages.filter((message) => isWanted(message.role)).map(textOf));

/** Features of an ended model call. */
export function modelFeaturesOf(call: ModelCall, seed: number): ModelFeatures {
  const { output, newInputMessages: input } = call;
  const text = maskVolatile(textByRole(output, () => true));
  const user = maskVolatile(textByRole(input, (role) => role === "user"));
  const tokens = tokensOf(text);
  return {
    kind: "model",
    text: text === "" ? 0 : hash32(text, seed),
    words: sketchOf(tokens.stems, sketchSize.words, seed),
    entities: sketchOf(tokens.entities, sketchSize.entities, seed),
    content: sketchOfHashes(contentHashes(tokens, nothingEchoed, seed), sketchSize.content),
    toolCalls: output.reduce((count, message) => count + message.parts.filter(isToolCallPart).length, 0),
    userText: user === "" ? 0 : hash32(user, seed),
    userContent:
      user === ""
        ? []
        : sketchOfHashes(contentHashes(tokensOf(user), nothingEchoed, seed), sketchSize.content),
    claimWords: sketchOf(claimedStems(text), sketchSize.words, seed),
    vocabulary: modelVocabulary(tokens, call, seed),
  };
}
