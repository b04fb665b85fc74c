import { type PlumblineError, RetryableError, SetupError } from "@plumbline/contracts";
import type { DatabaseError } from "./database-error.ts";

/** The row itself is wrong: syntax, ranges, array sizes. */
const badRowCodes: ReadonlySet<number> = new Set([
  6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 349, 351, 376, 407, 441, 467, 561, 676,
]);

/** The tables, the user or the version are not what we need: unknown table, column, database, setting, no rights. */
const setupCodes: ReadonlySet<number> = new Set([
  16, 36, 46, 47, 48, 60, 80, 81, 115, 164, 192, 193, 194, 195, 291, 497, 516,
]);

/** Whether a batch was refused because of what stands in its rows. */
export function isBadRow(error: DatabaseError): boolean {
  return error.code !== undefined && badRowCodes.has(error.code);
}

/** What a failed statement of ours means for its caller. */
export function callerErrorOf(error: DatabaseError, doing: string): PlumblineError {
  if (error.code !== undefined && setupCodes.has(error.code)) {
    return new SetupError(`The store refused ${doing}: ${error.message}.`, {
      code: "STORE_REFUSED",
      mend: "Run the migrations with this version of Plumbline and check the rights of the database user.",
      cause: error,
    });
  }
  return new RetryableError(`The store failed at ${doing}: ${error.message}.`, {
    code: "STORE_FAILED",
    cause: error,
  });
}
