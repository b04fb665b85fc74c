import type { ModelCallSession } from "../../observe/openai/model-call-session.ts";

/** The result of a `doStream`, as far as all versions agree on it. */
export interface StreamResult {
  stream: ReadableStream<unknown>;
}

export function isStreamResult(result: unknown): result is StreamResult {
  return (
    typeof result === "object" &&
    result !== null &&
    (result as Partial<StreamResult>).stream instanceof ReadableStream
  );
}

/** A result whose stream is followed to its end on the way to the application; a whole answer is read at once. */
export function followResult<Result>(session: ModelCallSession, result: Result): Result {
  if (!isStreamResult(result)) {
    session.answered(result);
    return result;
  }
  void session.responded();
  const stream = ReadableStream.from(session.observe(result.stream));
  return { ...result, stream };
}
