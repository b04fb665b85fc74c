import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Appends lines to a file that only its owner may read. */
export interface AuditFile {
  /** @throws what the file system says */
  append(line: string): void;
}

/** Opens the file with its first line; one write per line, so that several processes can share the file. */
export function createAuditFile(path: string, options: { fsync: boolean }): AuditFile {
  let descriptor: number | undefined;

  function open(): number {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  }

  return {
    append(line) {
      descriptor ??= open();
      try {
        writeSync(descriptor, `${line}\n`);
        if (options.fsync) fsyncSync(descriptor);
      } catch (thrown) {
        closeSync(descriptor);
        descriptor = undefined;
        throw thrown;
      }
    },
  };
}
