import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const cities = ["Oslo", "Turin", "Porto", "Ghent", "Basel", "Malmo", "Lyon", "Riga", "Vigo", "Graz"];

describe("semantic loop", () => {
  test("one thing asked in other words, always empty, is held", () => {
    const words = [
      "broken product refund",
      "refund for broken products",
      "product broken money back refund",
      "refunding a broken product",
      "broken products refund rule",
      "refund rule broken product",
      "product refund broken",
      "refund broken",
    ];
    const { callsUntil } = watch(stepsOf(words.map((q) => ({ tool: "search", args: { q }, result: [] }))), {
      goal: "Find the refund rule for broken products",
    });
    expect(callsUntil("pause", "semantic-loop")).toBeLessThanOrEqual(8);
  });

  test("a new item in every call is a batch, even when all come back empty", () => {
    const events = cities.map((city) => ({ tool: "offices", args: { city }, result: [] }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });

  test("an id in every call is a batch", () => {
    const events = times(10, (index) => ({
      tool: "orders",
      args: { customer: `C-${String(7000 + index * 31)}` },
      result: [],
    }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });

  test("reworded searches that find something are research", () => {
    const events = times(10, (index) => ({
      tool: "search",
      args: { q: index % 2 === 0 ? "leave policy Berlin" : "Berlin policy leave" },
      result: `paragraph ${String(index * 3)} about day${String(index)}`,
    }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });
});
