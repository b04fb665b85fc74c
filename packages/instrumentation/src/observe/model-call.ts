import type { Message, Usage } from "@plumbline/contracts";

/** What a model call answered, in neutral terms. */
export interface ModelAnswer {
  responseModel: string | null;
  responseId: string | null;
  output: Message[];
  finishReasons: string[];
  usage: Usage | null;
}

/** What a model call asks, in neutral terms. */
export interface ModelQuestion {
  operation: "chat" | "embeddings";
  provider: string;
  model: string;
  stream: boolean;
  systemInstructions: string | null;
  /** The prompt, one element per message, as the application gave it. */
  messages: readonly unknown[];
  previousResponseId: string | null;
  serverAddress: string | null;
  serverPort: number | null;
}

/** Puts the pieces of a streamed answer together. */
export interface AnswerAccumulator {
  add(chunk: unknown): void;
  answer(): ModelAnswer;
}

export const noAnswer: ModelAnswer = {
  responseModel: null,
  responseId: null,
  output: [],
  finishReasons: [],
  usage: null,
};
