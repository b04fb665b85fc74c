import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";

const loopKinds = ["exact-loop", "retry-storm", "semantic-loop", "no-progress"];
const failing = (count: number): Event[] =>
  times(count, () => ({ tool: "export", args: { format: "pdf" }, result: "HTTP 503 Service Unavailable" }));
const ids = (findings: readonly { kind: string; findingId: string }[]): Set<string> =>
  new Set(findings.filter(({ kind }) => loopKinds.includes(kind)).map(({ findingId }) => findingId));

/** A call that fails in other words first, then in exactly the same way. */
const worsening: Event[] = [
  ...times(6, (index): Event => ({
    tool: "export",
    args: { format: `kind ${String.fromCodePoint(97 + index)}` },
    result: "HTTP 503 Service Unavailable",
  })),
  ...failing(8),
];

describe("one pattern, one finding", () => {
  test("what several detectors see is one finding that names them", () => {
    const { findings, commands } = watch(stepsOf(failing(12)));
    expect(ids(findings).size).toBe(1);
    expect(findings.filter(({ kind }) => loopKinds.includes(kind)).at(-1)).toMatchObject({
      kind: "exact-loop",
      also: expect.arrayContaining(["retry-storm"]),
    });
    expect(commands.map(({ verb }) => verb)).toEqual(["pause"]);
  });

  test("a better explanation takes the finding over and names the one before", () => {
    const { findings, commands } = watch(stepsOf(worsening));
    const loops = findings.filter(({ kind }) => loopKinds.includes(kind));
    expect(ids(loops).size).toBe(1);
    expect(loops[0]?.kind).not.toBe("exact-loop");
    expect(loops.at(-1)).toMatchObject({ kind: "exact-loop", revision: loops.length - 1 });
    expect(commands.map(({ verb }) => verb)).toEqual(["nudge", "pause"]);
  });

  test("patterns of different tools are different findings", () => {
    const events = [
      ...times(4, (): Event => ({ tool: "search", args: { q: "x" }, result: [] })),
      ...times(4, (index): Event => ({
        tool: `open_${String(index)}`,
        args: { index },
        result: `n ${String(index * 7)}`,
      })),
      ...failing(4),
    ];
    expect(ids(watch(stepsOf(events)).findings).size).toBe(2);
  });

  test("a detector in shadow hides none that acts, before it or after it", () => {
    const shadow = { enforce: false };
    const exact = watch(stepsOf(failing(14)), { policy: { detectors: { "exact-loop": shadow } } });
    expect(exact.commands.map(({ verb }) => verb)).toEqual(["nudge", "pause"]);
    expect(exact.commands.at(-1)?.issuedBy).toMatch(/^policy:(?:retry-storm|semantic-loop|no-progress)@/);
    const all = { "retry-storm": shadow, "semantic-loop": shadow, "no-progress": shadow };
    const others = watch(stepsOf(worsening), { policy: { detectors: all } });
    expect(others.commands.map(({ verb, issuedBy }) => `${verb} ${issuedBy}`)).toEqual([
      "pause policy:exact-loop@1",
    ]);
  });

  test("a ladder that only a shadow detector climbed starts again for the one that acts", () => {
    const policy = { detectors: { "semantic-loop": { enforce: false }, "no-progress": { enforce: false } } };
    const { commands } = watch(
      stepsOf(
        worsening.slice(0, 6).concat(
          times(6, (index): Event => ({
            tool: "export",
            args: { format: `kind ${String.fromCodePoint(104 + index)}` },
            result: "HTTP 503 Service Unavailable",
          })),
        ),
      ),
      { policy },
    );
    expect(commands.map(({ verb }) => verb)).toEqual(["nudge", "pause"]);
  });

  test("a cap on the best explanation caps the others with it", () => {
    const policy = { detectors: { "exact-loop": { upTo: "observe" as const } } };
    expect(
      watch(stepsOf(times(10, (): Event => ({ tool: "search", args: { q: "x" }, result: [] }))), { policy })
        .commands,
    ).toEqual([]);
  });
});

describe("the failure behind a finding", () => {
  const first = (events: readonly Event[]) =>
    watch(stepsOf(events)).findings.find(({ kind }) => kind === "exact-loop");

  test("is the same for the same failure of other calls and runs, and another for another", () => {
    const other = failing(3).map((event) => ({ ...event, args: { format: "xls" } }));
    expect(first(failing(3))?.failure).toBe(first(other)?.failure);
    const denied = failing(3).map((event) => ({ ...event, result: "Permission denied: /reports" }));
    expect(first(denied)?.failure).toBeDefined();
    expect(first(denied)?.failure).not.toBe(first(failing(3))?.failure);
  });

  test("is absent where nothing failed", () => {
    expect(
      first(times(4, () => ({ tool: "search", args: { q: "x" }, result: [] })))?.failure,
    ).toBeUndefined();
  });
});
