import { expect, test } from "vitest";
import { pythonLiteral, withoutPythonNotation } from "./python-literal.ts";

test.each([
  ["{'ok': True, 'data': None, 'n': -1.5e3}", { ok: true, data: null, n: -1500 }],
  ["[{'id': 7}, {'id': 8,}]", [{ id: 7 }, { id: 8 }]],
  ["('a', 'b')", undefined],
  ["{'pair': ('a', 1), 'empty': {}, 'none': ()}", { pair: ["a", 1], empty: {}, none: [] }],
  [`{'text': "it's", 'quoted': 'say "hi"'}`, { text: "it's", quoted: 'say "hi"' }],
  [String.raw`{'text': 'it\'s\n\x41\u00e9\U0001f600 \\'}`, { text: "it's\nA\u00e9\u{1F600} \\" }],
  ["{1: 'a'}", undefined],
  ["{'at': datetime.datetime(2026, 1, 1)}", undefined],
  ["{'cut': 'of", undefined],
  ["{'a': 1} and more", undefined],
  ['{"a": 1}', undefined],
  ["It's text", undefined],
])("%s", (source, value) => {
  expect(pythonLiteral(source)).toEqual(value);
});

test("deep nesting is left as text", () => {
  const depth = 10_000;
  expect(pythonLiteral(`{'a': ${"[".repeat(depth)}${"]".repeat(depth)}}`)).toBeUndefined();
});

test("a printed dictionary becomes JSON, other text stays", () => {
  expect(withoutPythonNotation("{'ok': True}")).toBe('{"ok":true}');
  expect(withoutPythonNotation("shipped")).toBe("shipped");
});
