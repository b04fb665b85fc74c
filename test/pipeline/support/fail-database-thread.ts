/** Preloaded into a process: at SIGUSR2, the thread of the embedded database gets a message that it was not made for. */
import type { Worker } from "node:worker_threads";

const threads: Worker[] = [];
process.on("worker", (thread) => threads.push(thread));
process.once("SIGUSR2", () => threads[0]?.postMessage(null));
