import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearMatches } from "./near-matches.ts";

describe("nearMatches", () => {
  it("finds the id with a letter missing, swapped or too many", () => {
    const ids = ["refund-1042", "weather-7", "h-0ab3kz91"];
    expect(nearMatches("refnd-1042", ids)).toEqual(["refund-1042"]);
    expect(nearMatches("h-0ab3zk91", ids)).toEqual(["h-0ab3kz91"]);
    expect(nearMatches("wheather-7", ids)).toEqual(["weather-7"]);
  });

  it("finds an id by its end", () => {
    expect(nearMatches("kz91", ["h-0ab3kz91", "h-0ab3kz92"])[0]).toBe("h-0ab3kz91");
  });

  it("finds nothing where nothing is alike", () => {
    expect(nearMatches("zzzz", ["refund-1042"])).toEqual([]);
    expect(nearMatches("refund", [])).toEqual([]);
  });

  it("takes any text and gives known ids, each once", () => {
    fc.assert(
      fc.property(fc.string(), fc.uniqueArray(fc.string()), (wanted, ids) => {
        const near = nearMatches(wanted, ids);
        expect(near.every((id) => ids.includes(id))).toBe(true);
        expect(new Set(near).size).toBe(near.length);
      }),
    );
  });
});
