import type {
  GoalFingerprint,
  ModelFingerprint,
  Step,
  StepFingerprint,
  ToolFingerprint,
} from "@plumbline/contracts";
import { featuresOf, goalFeaturesOf } from "../features/features-of.ts";
import { type Gist, gistWords } from "../features/gist.ts";
import type { NamedId } from "../features/record-ids.ts";
import type { GoalFeatures, ModelFeatures, StepFeatures, ToolFeatures } from "../features/step-features.ts";
import { packHashList, unpackHashList } from "./hash-list.ts";
import type { KeyedHash } from "./keyed-hash.ts";
import { readAct, readHeard, sentAct, sentHeard } from "./vocabulary-fingerprint.ts";

/*
 * Owns: features as an agent sends them instead of contents, and back.
 * Does not own: what the features are (features/), nor who computes them.
 */

/** The features that are hashed are keyed once more, so the first hash needs no key of its own. */
const unkeyed = 0;
const most = {
  argumentWords: 16,
  argumentEntities: 12,
  content: 48,
  nameWords: 4,
  ids: 18,
  words: 24,
  entities: 12,
  said: 40,
  toolCalls: 1024,
  goalWords: 64,
  goalEntities: 32,
} as const;

function sentGist(gist: Gist | null, keyed: KeyedHash): ToolFingerprint["gist"] {
  if (gist === null) return null;
  const said = packHashList(gist.said.map(keyed), gistWords);
  return { ...gist, fixed: keyed(gist.fixed), form: keyed(gist.form), said };
}

const readGist = (sent: ToolFingerprint["gist"]): Gist | null =>
  sent === null ? null : { ...sent, said: unpackHashList(sent.said) };

type Facts = Pick<
  ToolFeatures,
  "outcome" | "blank" | "ack" | "waiting" | "lies" | "polls" | "mutates" | "asks" | "misuse"
>;

/** What is sent as it is: classes, and yes or no. */
const factsOf = ({ outcome, blank, ack, waiting, lies, polls, mutates, asks, misuse }: Facts): Facts => ({
  outcome,
  blank,
  ack,
  waiting,
  lies,
  polls,
  mutates,
  asks,
  misuse,
});

function sentTool(features: ToolFeatures, keyed: KeyedHash): ToolFingerprint {
  const { failure, vocabulary } = features;
  const list = (hashes: readonly number[], count: number): string => packHashList(hashes.map(keyed), count);
  return {
    version: 1,
    kind: "tool",
    tool: keyed(features.tool),
    call: keyed(features.call),
    shape: keyed(features.shape),
    result: keyed(features.result),
    failure: failure === null ? null : keyed(failure),
    ...factsOf(features),
    argumentWords: list(features.argumentWords, most.argumentWords),
    argumentEntities: list(features.argumentEntities, most.argumentEntities),
    content: list(features.content, most.content),
    gist: sentGist(features.gist, keyed),
    nameWords: list(features.nameWords, most.nameWords),
    ids: list(features.ids.flat(), most.ids),
    act: sentAct(vocabulary.act, keyed),
    ...sentHeard(vocabulary, keyed),
  };
}

function namedIdsIn(packed: string): NamedId[] {
  const hashes = unpackHashList(packed);
  const ids: NamedId[] = [];
  for (let at = 0; at + 3 <= hashes.length; at += 3)
    ids.push([hashes[at] ?? 0, hashes[at + 1] ?? 0, hashes[at + 2] ?? 0]);
  return ids;
}

function readTool(sent: ToolFingerprint): ToolFeatures {
  const { kind, tool, call, shape, result, failure } = sent;
  return {
    kind,
    tool,
    call,
    shape,
    result,
    failure,
    ...factsOf(sent),
    // A number would tell of a content.
    tally: null,
    argumentWords: unpackHashList(sent.argumentWords),
    argumentEntities: unpackHashList(sent.argumentEntities),
    content: unpackHashList(sent.content),
    gist: readGist(sent.gist),
    nameWords: unpackHashList(sent.nameWords),
    ids: namedIdsIn(sent.ids),
    vocabulary: { act: readAct(sent.act), ...readHeard(sent) },
  };
}

function sentModel(features: ModelFeatures, keyed: KeyedHash): ModelFingerprint {
  const { words, entities, content, userContent, claimWords, vocabulary } = features;
  const list = (hashes: readonly number[], count: number): string => packHashList(hashes.map(keyed), count);
  return {
    version: 1,
    kind: "model",
    text: keyed(features.text),
    words: list(words, most.words),
    entities: list(entities, most.entities),
    content: list(content, most.said),
    toolCalls: Math.min(features.toolCalls, most.toolCalls),
    userText: keyed(features.userText),
    userContent: list(userContent, most.said),
    claimWords: list(claimWords, most.words),
    act: sentAct(vocabulary.act, keyed),
    ...sentHeard(vocabulary, keyed),
  };
}

function readModel(sent: ModelFingerprint): ModelFeatures {
  const { kind, text, toolCalls, userText } = sent;
  return {
    kind,
    text,
    toolCalls,
    userText,
    words: unpackHashList(sent.words),
    entities: unpackHashList(sent.entities),
    content: unpackHashList(sent.content),
    userContent: unpackHashList(sent.userContent),
    claimWords: unpackHashList(sent.claimWords),
    vocabulary: { act: readAct(sent.act), ...readHeard(sent) },
  };
}

/** What an agent sends of an ended step instead of its contents. */
export function fingerprintOfStep(step: Step, keyed: KeyedHash): StepFingerprint {
  const features = featuresOf(step, unkeyed);
  return features.kind === "tool" ? sentTool(features, keyed) : sentModel(features, keyed);
}

/** The features that were sent. */
export function sentFeatures(sent: StepFingerprint): StepFeatures {
  return sent.kind === "tool" ? readTool(sent) : readModel(sent);
}

/** What an agent sends of its goal. */
export function fingerprintOfGoal(goal: string, keyed: KeyedHash): GoalFingerprint {
  const { words, entities, waits, vocabulary } = goalFeaturesOf(goal, unkeyed);
  return {
    version: 1,
    words: packHashList(words.map(keyed), most.goalWords),
    entities: packHashList(entities.map(keyed), most.goalEntities),
    waits,
    ...sentHeard(vocabulary, keyed),
  };
}

/** The features of a goal that were sent. */
export function sentGoalFeatures(sent: GoalFingerprint): GoalFeatures {
  const { words, entities, waits } = sent;
  return {
    words: unpackHashList(words),
    entities: unpackHashList(entities),
    waits,
    vocabulary: readHeard(sent),
  };
}
