import { breakerErrorType } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { BreakerOpenError } from "./breaker-open-error.ts";

test("a call that the breaker answered is told by the error type that detection knows", () => {
  const error = new BreakerOpenError({ failures: 3, untilMs: 30_000, lastError: "no route" }, 0);
  expect(error.constructor.name).toBe(breakerErrorType);
});
