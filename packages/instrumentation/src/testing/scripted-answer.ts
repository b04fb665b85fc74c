/** A tool call the scripted model asks for. */
export interface ScriptedToolCall {
  /** Made up, and unique within the server, when left out. */
  id?: string;
  name: string;
  /** JSON-encoded unless it is a string already, so that broken JSON can be scripted too. */
  arguments: unknown;
}

export interface ScriptedUsage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens?: number;
}

/** What the model says. Leave out `text` for a bare tool call. */
export interface ScriptedMessage {
  text?: string;
  toolCalls?: readonly ScriptedToolCall[];
  /** Estimated from the lengths of request and answer when left out. */
  usage?: ScriptedUsage;
  /** Before the first byte of the answer. */
  delayMs?: number;
  /** Between two chunks of a stream. */
  chunkDelayMs?: number;
  /** Characters of text or arguments per chunk of a stream; 12 when left out. */
  chunkCharacters?: number;
  /** Sends this many chunks and then nothing more, with the connection left open. */
  hangAfterChunks?: number;
}

/** An answer with an HTTP error status and OpenAI's error body. */
export interface ScriptedFailure {
  status: number;
  message?: string;
  retryAfterSeconds?: number;
  delayMs?: number;
}

/** Closes the connection without an answer. */
export interface ScriptedDisconnect {
  disconnect: true;
  delayMs?: number;
}

export type ScriptedAnswer = ScriptedMessage | ScriptedFailure | ScriptedDisconnect;

/** One message of the request in one form for chat completions and responses. */
export interface ScriptedInputMessage {
  role: string;
  text: string;
  toolCalls: readonly { id: string; name: string; arguments: string }[];
  /** The call that a tool message answers. */
  toolCallId: string | null;
}

export interface ScriptedRequest {
  endpoint: "chat.completions" | "responses" | "messages";
  /** Counts all requests that this server got, from 1; a retry is a request of its own. */
  sequence: number;
  model: string;
  stream: boolean;
  messages: readonly ScriptedInputMessage[];
  /** Names of the tools on offer. */
  tools: readonly string[];
  /** The body as it came. */
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

export const isFailure = (answer: ScriptedAnswer): answer is ScriptedFailure => "status" in answer;
export const isDisconnect = (answer: ScriptedAnswer): answer is ScriptedDisconnect => "disconnect" in answer;

/** Cuts a text into pieces of equal length; none for an empty text. */
export function piecesOf(text: string, characters: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += characters)
    pieces.push(text.slice(start, start + characters));
  return pieces;
}

/** Usage as scripted, or a fourth of the characters on either side. */
export function usageOf(request: ScriptedRequest, answer: ScriptedMessage): Required<ScriptedUsage> {
  if (answer.usage !== undefined) return { cachedInputTokens: 0, ...answer.usage };
  const said = (answer.text ?? "") + JSON.stringify(answer.toolCalls ?? []);
  const asked = JSON.stringify(request.messages);
  return {
    inputTokens: Math.ceil(asked.length / 4),
    outputTokens: Math.ceil(said.length / 4),
    cachedInputTokens: 0,
  };
}
