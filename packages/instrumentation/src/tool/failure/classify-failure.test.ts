import { RejectedError, RetryableError, SetupError } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { classifyFailure, retryAfterMsOf } from "./classify-failure.ts";

const withFields = (fields: object, message = "x") => Object.assign(new Error(message), fields);

describe("the class of a failure", () => {
  it.each([
    [{ status: 503 }, "transient"],
    [{ statusCode: 429 }, "transient"],
    [{ status: 501 }, "fatal"],
    [{ status: 403 }, "permission"],
    [{ status: 409 }, "stale_data"],
    [{ status: 422 }, "data_error"],
    [{ code: "ECONNREFUSED" }, "transient"],
    [{ code: "EACCES" }, "permission"],
    [{ name: "TimeoutError" }, "transient"],
  ] as const)("is told by the fields %j: %s", (fields, expected) => {
    expect(classifyFailure(withFields(fields))).toBe(expected);
  });

  it("is told by a cause when the error itself says nothing", () => {
    expect(classifyFailure(new TypeError("x", { cause: withFields({ code: "ECONNRESET" }) }))).toBe(
      "transient",
    );
  });

  it("is told by what whoever throws our errors is to do next", () => {
    expect(classifyFailure(new RetryableError("later", { code: "X" }))).toBe("transient");
    expect(classifyFailure(new RejectedError("bad", { code: "X" }))).toBe("data_error");
    expect(classifyFailure(new SetupError("broken", { code: "X" }))).toBe("fatal");
  });

  it.each([
    ["Request timed out after 30 s", "transient"],
    ["Version conflict: the row was modified by another user", "stale_data"],
    ["Permission denied for order 7", "permission"],
    ["Order 7 not found", "data_error"],
    ["Cannot read properties of undefined (reading 'a')", "fatal"],
  ] as const)("is read from %s: %s", (message, expected) => {
    expect(classifyFailure(new Error(message))).toBe(expected);
  });

  it("exists for whatever was thrown", () => {
    for (const thrown of [undefined, null, 0, "boom", {}, Symbol("s")])
      expect(classifyFailure(thrown)).toBe("fatal");
    const ring: { cause?: unknown } = {};
    ring.cause = ring;
    expect(classifyFailure(ring)).toBe("fatal");
  });
});

describe("the wait that the other side asks for", () => {
  it.each([
    [{ retryAfterMs: 250 }, 250],
    [{ headers: { "retry-after": "2" } }, 2000],
    [{ headers: new Headers({ "Retry-After": "0.5" }) }, 500],
    [{ response: { headers: new Headers({ "Retry-After": "Thu, 01 Jan 1970 00:00:05 GMT" }) } }, 4000],
    [{ cause: withFields({ headers: { "retry-after": "1" } }) }, 1000],
    [{ headers: { "retry-after": "soon" } }, undefined],
    [{}, undefined],
  ])("is read from %j", (fields, expected) => {
    expect(retryAfterMsOf(withFields(fields), 1000)).toBe(expected);
  });
});
