import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { readTelemetryFile } from "@plumbline/analyzer";
import { isPlumblineError, messageOf, SetupError } from "@plumbline/contracts";
import { groupedFiles } from "./file-groups.ts";
import { joinParts, mergeParts, type Part } from "./merge-parts.ts";
import type { TelemetrySource, TelemetryUnit } from "./telemetry-source.ts";

const telemetryFile = /\.(json|jsonl|ndjson|pb|bin|otlp|protobuf)(\.gz)?$/i;
/** Larger files are read line by line: the Collector's file exporter writes one request a line. */
const wholeFileBytes = 16 * 1024 * 1024;

function decoded(name: string, bytes: Uint8Array): Part {
  try {
    return readTelemetryFile({ name, bytes });
  } catch (error) {
    if (!isPlumblineError(error)) throw error;
    return error.message;
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file?.close();
  }
}

async function* linesOf(path: string, isZipped: boolean): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = isZipped ? file.pipe(createGunzip()) : file;
  // An error of the file itself does not go through the pipe.
  file.on("error", (error) => input.destroy(error));
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** One broken line costs itself, not the file. */
async function* readByLines(path: string, isZipped: boolean): AsyncGenerator<Part> {
  const encoder = new TextEncoder();
  for await (const line of linesOf(path, isZipped)) {
    if (line.trim() !== "") yield decoded(path, encoder.encode(line));
  }
}

async function* readFileParts(path: string): AsyncGenerator<Part> {
  try {
    const { size } = await stat(path);
    const head = await headOf(path);
    const isZipped = head[0] === 0x1f && head[1] === 0x8b;
    const isLarge = size > wholeFileBytes && !/\.(pb|bin|protobuf)(\.gz)?$/i.test(path);
    if (isLarge) yield* readByLines(path, isZipped);
    else yield decoded(path, await readFile(path));
  } catch (error) {
    yield `${path} can't be read: ${messageOf(error)}.`;
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && telemetryFile.test(entry.name));
  const collator = new Intl.Collator("en", { numeric: true });
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted(collator.compare);
}

async function filesOf(path: string): Promise<string[]> {
  try {
    return (await stat(path)).isDirectory() ? await filesBelow(path) : [path];
  } catch (cause) {
    throw new SetupError(`${path} can't be read: ${messageOf(cause)}.`, {
      code: "SOURCE_UNREADABLE",
      mend: "Name a file or folder of OTLP, clickhouse://user:password@host:8123/database or chdb:DIRECTORY.",
      cause,
    });
  }
}

async function unitOf(base: string, paths: readonly string[]): Promise<TelemetryUnit> {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  const names = stats.map(
    ({ size, mtimeMs }, index) => `${relative(base, paths[index] ?? "")} ${String(size)} ${String(mtimeMs)}`,
  );
  const isSmall = stats.reduce((sum, { size }) => sum + size, 0) <= wholeFileBytes;
  const combine = isSmall ? joinParts : mergeParts;
  return { name: names.join("; "), read: () => combine(paths.map(readFileParts)) };
}

/**
 * OTLP in a file, or in the files of a folder and those below it, in the order of their names.
 * @throws SetupError when the path can't be read
 */
export function openFileSource(path: string): TelemetrySource {
  return {
    label: path,
    async units() {
      const files = await filesOf(path);
      return Promise.all(groupedFiles(files).map((group) => unitOf(path, group)));
    },
    close: () => Promise.resolve(),
  };
}
