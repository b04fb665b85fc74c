import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseRunRecord, type RunRecord } from "@plumbline/detection";

/** What lies beside the clone and is not part of it: recorded runs with hand-read verdicts, and canonical shapes. */
export const sharedFolder = fileURLToPath(new URL("../../../../shared/", import.meta.url));
const runsFolder = `${sharedFolder}data/runs/`;

/** The files of recorded runs, each from another benchmark. */
export const recordedSources = [
  "agentrx-tau",
  "codetracer-tb",
  "intercode",
  "openhands-example",
  "react-fever",
  "reflexion-hotpotqa",
  "tau-bench",
  "tau2-bench",
  "who-when",
] as const;

/** Whether the recorded runs are there; where they are not, the output says what was not done. */
export function hasRecordedRuns(notDone: string): boolean {
  const isThere = existsSync(runsFolder);
  if (!isThere) process.stderr.write(`SKIPPED: the recorded runs are not at ${runsFolder}, ${notDone}.\n`);
  return isThere;
}

export async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
}

/** The lines of a file of recorded runs, or of the verdicts on them. */
export const recordedLines = (name: string): Promise<string[]> => linesOf(`${runsFolder}${name}.jsonl`);

export async function recordedRuns(source: (typeof recordedSources)[number]): Promise<RunRecord[]> {
  return (await recordedLines(source)).map(parseRunRecord);
}

/** Runs of canonical shapes, made up: loops, and work that looks like loops. */
export async function canonicalShapes(): Promise<RunRecord[]> {
  return (await linesOf(`${sharedFolder}bench/shapes.jsonl`)).map(parseRunRecord);
}
