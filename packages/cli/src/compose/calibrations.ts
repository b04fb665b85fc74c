import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SetupError } from "@plumbline/contracts";
import { type Calibration, calibrationSchema } from "@plumbline/detection";

const fileIn = (dataDirectory: string): string => join(dataDirectory, "calibrations.json");

/**
 * The calibrations made from own runs; none where there is no file.
 * @throws SetupError when the file is none that `plumbline calibrate` wrote
 */
export async function readCalibrations(dataDirectory: string): Promise<Calibration[]> {
  const file = fileIn(dataDirectory);
  try {
    return calibrationSchema.array().parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new SetupError(`${file} holds no calibrations: ${messageOf(cause)}.`, {
      code: "CALIBRATIONS_INVALID",
      mend: "Delete it, and run plumbline calibrate again.",
      cause,
    });
  }
}

/** Replaces the calibration of the same embedder; returns the file. */
export async function writeCalibration(dataDirectory: string, calibration: Calibration): Promise<string> {
  const others = (await readCalibrations(dataDirectory)).filter(
    ({ embedder }) => embedder !== calibration.embedder,
  );
  const file = fileIn(dataDirectory);
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify([...others, calibration], null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}
