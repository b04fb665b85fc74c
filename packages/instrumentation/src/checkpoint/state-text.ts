import { RejectedError } from "@plumbline/contracts";

/**
 * The agent's own state as JSON text.
 * @throws RejectedError when it is no JSON or too large
 */
export function stateTextOf(state: unknown, maxStateBytes: number): string {
  const text = JSON.stringify(state) as string | undefined;
  if (text === undefined) {
    throw new RejectedError("The state of the run is no JSON value.", {
      code: "STATE_NOT_JSON",
      mend: "Give run.checkpoint() plain data: objects, lists, texts, numbers.",
    });
  }
  if (Buffer.byteLength(text) <= maxStateBytes) return text;
  throw new RejectedError(`The state of the run has more than ${String(maxStateBytes)} bytes.`, {
    code: "STATE_TOO_LARGE",
    mend: "Keep large data elsewhere and its name in the state, or raise maxStateBytes.",
  });
}
