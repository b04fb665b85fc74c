import type { Clock } from "@plumbline/contracts";
import type { ControlChannel } from "../control/control-channel.ts";

/**
 * Resolves when the current directive of a run is known, the gateway turns out not to answer, or the time is over. Keeps
 * the process alive meanwhile: it has work to do.
 */
export async function hearFirstWord(
  word: ReturnType<ControlChannel["firstWord"]>,
  clock: Clock,
  waitMs: number,
): Promise<void> {
  if (word === undefined) return;
  const timeout = new AbortController();
  const keepAlive = setTimeout(() => undefined, waitMs);
  const late = clock.sleep(waitMs, timeout.signal).catch(() => undefined);
  await Promise.race([word, late]);
  clearTimeout(keepAlive);
  timeout.abort(new Error("The first word came."));
}
