import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseParser, type SseEvent } from "./sse-parser.ts";

function parseInPieces(text: string, cuts: readonly number[]): SseEvent[] {
  const parser = createSseParser();
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  );
  return places.flatMap((start, index) => parser.push(text.slice(start, places[index + 1] ?? start)));
}

describe("the parser of server-sent events", () => {
  it("reads event, id and data, and drops comments", () => {
    const text = ': hello\n\nevent: directive\nid: 7\ndata: {"a":1}\n\n:\n\n';
    expect(parseInPieces(text, [])).toEqual([{ event: "directive", id: "7", data: '{"a":1}' }]);
  });

  it("joins data lines, keeps the last id, and names an unnamed event message", () => {
    expect(parseInPieces("id: 1\ndata: a\ndata: b\n\ndata\n\n", [])).toEqual([
      { event: "message", id: "1", data: "a\nb" },
      { event: "message", id: "1", data: "" },
    ]);
  });

  it("dispatches nothing for an event without data or without its blank line", () => {
    expect(parseInPieces("event: x\n\ndata: half", [])).toEqual([]);
  });

  it.each(["\n", "\r\n", "\r"])("takes %j as line break", (lineBreak) => {
    const text = ["event: e", "data: 1", "", "data: 2", "", ":", ""].join(lineBreak);
    expect(parseInPieces(text, []).map((event) => event.data)).toEqual(["1", "2"]);
  });

  it("reads the same events however the text is cut", () => {
    const text = "event: a\r\ndata: 1\r\ndata: 2\r\n\r\n: note\n\nid: 3\rdata: x\r\rdata: last\n\n";
    const whole = parseInPieces(text, []);
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (cuts) => {
        expect(parseInPieces(text, cuts)).toEqual(whole);
      }),
    );
  });

  it("refuses a line without end", () => {
    const parser = createSseParser();
    expect(() => parser.push(`data: ${"x".repeat(5_000_000)}`)).toThrow("too long");
  });
});
