import { SetupError, messageOf } from "@plumbline/contracts";

/**
 * Loads the embedded database's library in this thread, which has to happen before any other thread does: a thread that
 * loaded it first takes the process down when it ends.
 * @throws SetupError naming the package when it is not installed or does not run here
 */
export async function loadChdb(): Promise<void> {
  try {
    await import("chdb");
  } catch (cause) {
    throw new SetupError(`The embedded database could not be loaded: ${messageOf(cause)}.`, {
      code: "CHDB_MISSING",
      mend: "Install the package chdb (npm install chdb), or use a ClickHouse server instead.",
      cause,
    });
  }
}
