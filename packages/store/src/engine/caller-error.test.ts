import { RetryableError, SetupError } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { callerErrorOf, isBadRow } from "./caller-error.ts";
import { DatabaseError, toDatabaseError } from "./database-error.ts";

test.each([
  ["a value that cannot be parsed", 27, true],
  ["incorrect data", 117, true],
  ["a memory limit", 241, false],
  ["a broken connection", undefined, false],
])("%s (%s) is the row's fault: %s", (_name, code, expected) => {
  expect(isBadRow(new DatabaseError("x", code))).toBe(expected);
});

test("an unknown table is a matter of set-up, a broken connection may pass", () => {
  expect(callerErrorOf(new DatabaseError("no table", 60), "an insert")).toBeInstanceOf(SetupError);
  expect(callerErrorOf(new DatabaseError("ECONNRESET", undefined), "an insert")).toBeInstanceOf(
    RetryableError,
  );
});

test("the number of the database's error is kept, a system error has none", () => {
  const answered = Object.assign(new Error("DB::Exception"), { code: "241" });
  const unreachable = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(toDatabaseError(answered).code).toBe(241);
  expect(toDatabaseError(unreachable).code).toBeUndefined();
});
