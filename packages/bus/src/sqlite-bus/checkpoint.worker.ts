import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { CheckpointReply, CheckpointRequest } from "./checkpoints.ts";

/*
 * Thread that moves what was written ahead into the database file. Passes are passive: whoever writes or reads meanwhile
 * neither waits nor is waited for.
 */

const path = workerData as string;
const database = new DatabaseSync(path, { timeout: 0 });

/** What a pass can't do now is left to the next one, or to the writer. */
function pass(): void {
  try {
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    // Nothing is lost: it stays in the journal, and a disk that is full or broken refuses the next write as well.
  }
  parentPort?.postMessage("passed" satisfies CheckpointReply);
}

parentPort?.on("message", (request: CheckpointRequest) => {
  if (request === "pass") {
    pass();
    return;
  }
  database.close();
  parentPort?.close();
});
