import { expect, test } from "vitest";
import { context, span } from "./fixtures/otlp.ts";
import { recogniseSpan } from "./recognise.ts";
import { withoutRedacted } from "./redacted.ts";

test.each(["__REDACTED__", "[REDACTED]", "<redacted>", "[Scrubbed due to 'password']", "***"])(
  "%s stands for a hidden value",
  (value) => {
    expect(withoutRedacted({ "input.value": value, "tool.name": "get_order" })).toEqual({
      "tool.name": "get_order",
    });
  },
);

test.each(["redacted by hand", "[]", "[1, 2]", "<p>", '{"state":"filtered"}', "*", 7n, true, null])(
  "%s stands for itself",
  (value) => {
    const attributes = { "output.value": value };
    expect(withoutRedacted(attributes)).toBe(attributes);
  },
);

test("a call whose arguments and result are hidden is one of which neither is known", () => {
  const hidden = span({
    "openinference.span.kind": "TOOL",
    "tool.name": "get_order",
    "input.value": "__REDACTED__",
    "output.value": "__REDACTED__",
  });
  expect(recogniseSpan(hidden, context)?.observation).toMatchObject({
    kind: "tool-call-end",
    toolName: "get_order",
    arguments: null,
    result: null,
  });
});
