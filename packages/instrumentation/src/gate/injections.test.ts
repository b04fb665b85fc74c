import { describe, expect, it } from "vitest";
import { type Injection, injectionsFor, insertInjections } from "./injections.ts";

const injection = (nudgeId: string, position: number, before: string): Injection => ({
  nudgeId,
  text: nudgeId,
  position,
  before,
});

describe("an injected message", () => {
  it("stays where it was put while the same history goes on", () => {
    const all = [injection("n1", 2, "b")];
    expect(injectionsFor(["a", "b"], all)).toHaveLength(1);
    expect(injectionsFor(["a", "b", "c", "d"], all)).toHaveLength(1);
  });

  it("is left out of another conversation of the run, and of a history that was cut", () => {
    const all = [injection("n1", 2, "b")];
    expect(injectionsFor(["x", "y", "z"], all)).toEqual([]);
    expect(injectionsFor(["a"], all)).toEqual([]);
  });

  it("can stand at the very beginning", () => {
    expect(injectionsFor([], [injection("n1", 0, "")])).toHaveLength(1);
  });

  it("is inserted at its place, several in the order they came", () => {
    const all = [injection("late", 3, "c"), injection("n1", 1, "a"), injection("n2", 1, "a")];
    expect(insertInjections(["a", "b", "c"], all, (text) => `<${text}>`)).toEqual([
      "a",
      "<n1>",
      "<n2>",
      "b",
      "c",
      "<late>",
    ]);
  });
});
