import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadReply, ThreadRequest } from "./journal-thread.ts";

/*
 * Thread that moves what was written ahead into the database file. Passive: whoever writes or reads meanwhile neither waits
 * nor is waited for.
 */

const path = workerData as string;
const database = new DatabaseSync(path, { timeout: 0 });

/** What can't be moved now is left to the next time, or to the writer. */
function move(): void {
  try {
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    // Nothing is lost: it stays in the journal, and a disk that is full or broken refuses the next write as well.
  }
  parentPort?.postMessage("moved" satisfies ThreadReply);
}

parentPort?.on("message", (request: ThreadRequest) => {
  if (request === "move") {
    move();
    return;
  }
  database.close();
  parentPort?.close();
});
