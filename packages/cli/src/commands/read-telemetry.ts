import { readFile } from "node:fs/promises";
import type { TelemetryFile } from "@plumbline/analyzer";
import { SetupError, messageOf } from "@plumbline/contracts";

/** @throws SetupError naming the file */
export async function readTelemetry(name: string): Promise<TelemetryFile> {
  try {
    return { name, bytes: await readFile(name) };
  } catch (cause) {
    throw new SetupError(`${name} can't be read: ${messageOf(cause)}.`, { code: "FILE_UNREADABLE", cause });
  }
}
