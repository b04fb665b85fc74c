import type { Observation } from "@plumbline/contracts";

/** What a record tells of the run it belongs to, beyond its trace. */
export interface IdentityHints {
  runId: string | null;
  conversationId: string | null;
  /** Of a prompt that is known from its beginning. */
  systemPrompt: string | null;
  firstUserMessage: string | null;
  /** Id of the first tool call of the first reply: what tells runs apart that were asked the same. */
  firstCallId: string | null;
  /** Whether the prompt holds replies already. */
  isContinued: boolean;
  /** Whether the first reply is known, with the ids of the calls it asks for. */
  isAnswered: boolean;
  /** Whether the record tells what the model answered: emitters that leave answers out leave them out everywhere. */
  tellsReply: boolean;
  /** Ids of tool calls that it makes, carries out or answers; ids of model responses that it gives or follows. */
  references: readonly string[];
  /** The process that sent the record, as far as its resource tells. */
  process: string;
}

type Distribute<Kind> = Kind extends unknown ? Omit<Kind, "affinity" | "aliases"> : never;

/** A recognised record whose run is not known yet. */
export interface ObservationDraft {
  observation: Distribute<Observation>;
  hints: IdentityHints;
}
