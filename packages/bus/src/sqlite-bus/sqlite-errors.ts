import { RetryableError, SetupError, messageOf } from "@plumbline/contracts";

const busy = 5;
const corrupt = 11;
const notADatabase = 26;

/** SQLite's primary result code of a thrown error; 0 for other errors. */
function resultCode(error: unknown): number {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return 0;
  return error.errcode & 0xff;
}

export const isBusy = (error: unknown): boolean => resultCode(error) === busy;

const isDamaged = (error: unknown): boolean => [corrupt, notADatabase].includes(resultCode(error));

export function directoryInUse(directory: string, owner: string | undefined): SetupError {
  const by = owner === undefined ? "another process" : `process ${owner}`;
  return new SetupError(`The bus in ${directory} is in use by ${by}.`, {
    code: "BUS_IN_USE",
    mend: "Stop that process, or give this one a data directory of its own.",
  });
}

export function foreignFile(path: string, what: string): SetupError {
  return new SetupError(`${path} is ${what}.`, {
    code: "BUS_FILE_FOREIGN",
    mend: "Give the bus another data directory, or move the file away.",
  });
}

export function newerFile(path: string, version: number): SetupError {
  return new SetupError(`${path} was written by a newer Plumbline (bus format ${String(version)}).`, {
    code: "BUS_FILE_NEWER",
    mend: "Run that version, or use another data directory.",
  });
}

/** What a failed opening means to whoever set the bus up. */
export function openingFailed(path: string, cause: unknown): SetupError {
  if (isDamaged(cause)) {
    return new SetupError(`${path} is damaged or no SQLite file: ${messageOf(cause)}.`, {
      code: "BUS_FILE_DAMAGED",
      mend: "Restore it from a backup, or move it away to begin with an empty bus; what it held and nobody processed is lost then.",
      cause,
    });
  }
  return new SetupError(`${path} can't be opened: ${messageOf(cause)}.`, {
    code: "BUS_FILE_UNUSABLE",
    mend: "Check that the directory exists, may be written and has room.",
    cause,
  });
}

export function writeFailed(path: string, cause: unknown): RetryableError {
  return new RetryableError(`Writing to ${path} failed: ${messageOf(cause)}.`, {
    code: isDamaged(cause) ? "BUS_FILE_DAMAGED" : "BUS_WRITE_FAILED",
    mend: isDamaged(cause)
      ? "Stop, and restore the file from a backup."
      : "Check the disk's free space and health.",
    retryAfterMs: 1000,
    cause,
  });
}
