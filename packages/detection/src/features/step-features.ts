import type { OutcomeClass } from "@plumbline/contracts";
import type { Gist } from "./gist.ts";
import type { Misuse } from "./misuse.ts";
import type { RequestKind } from "./request.ts";
import type { NamedId } from "./record-ids.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A text with its only number taken out, and the number. */
export interface Tally {
  form: number;
  count: number;
}

/** What detection knows of a tool call: keyed hashes and classes, no texts. */
export interface ToolFeatures {
  kind: "tool";
  /** Tool name. */
  tool: number;
  /** Tool with its arguments, keys sorted, volatile fields and annotations left out. */
  call: number;
  /** The call with every number left out: what pages of one list have in common. */
  shape: number;
  /** Masked result. */
  result: number;
  outcome: OutcomeClass;
  /** The result holds no character at all, as of a command that prints nothing. */
  blank: boolean;
  /** The result says no more than that the call arrived. */
  ack: boolean;
  /** A short result that differs from others of its form in one number only. */
  tally: Tally | null;
  /** The result says that something is still under way. */
  waiting: boolean;
  /** What failed and how, without what the arguments echo; null when nothing did. */
  failure: number | null;
  /** How it asks for something in words, if it does. */
  asks: RequestKind | null;
  argumentWords: number[];
  argumentEntities: number[];
  /** Words, entities and word pairs of the result that the arguments did not already hold. */
  content: number[];
  /** What the result says, apart from how it words it; null where the agent did not send it. */
  gist: Gist | null;
  /** Words of the tool's name, to recognise claims about it. */
  nameWords: number[];
  polls: boolean | null;
  mutates: boolean | null;
  misuse: Misuse | null;
  /** An answer in an envelope that says it failed, while its emitter reported no error. */
  lies: boolean;
  /** Record ids that the arguments name as whole values. */
  ids: NamedId[];
  vocabulary: Vocabulary;
}

/** What detection knows of a model call. */
export interface ModelFeatures {
  kind: "model";
  /** Masked text of the reply; 0 when it only called tools. */
  text: number;
  words: number[];
  entities: number[];
  content: number[];
  toolCalls: number;
  /** A person spoke since the previous model call; 0 when not, else the masked text. */
  userText: number;
  userContent: number[];
  /** Words of sentences that claim something was done. */
  claimWords: number[];
  vocabulary: Vocabulary;
}

export type StepFeatures = ToolFeatures | ModelFeatures;

export interface GoalFeatures {
  words: number[];
  entities: number[];
  /** The goal itself asks to wait or watch. */
  waits: boolean;
  vocabulary: Pick<Vocabulary, "material" | "ids">;
}
