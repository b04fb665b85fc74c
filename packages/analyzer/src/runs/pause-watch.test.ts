import { describe, expect, it } from "vitest";
import { watchPause } from "./pause-watch.ts";
import { initialSummary } from "./summary.ts";

const minuteMs = 60_000;
const summaryOf = (status: "running" | "paused") => ({
  ...initialSummary({ tenantId: "", runId: "r", profile: "guard", atMs: 0 }),
  status,
  stopReason: status === "paused" ? ("LOOP_DETECTED" as const) : null,
});

describe("a pause that nobody answers", () => {
  it("is told of once, after ten minutes", () => {
    const told: number[] = [];
    let watch: ReturnType<typeof watchPause>["watch"] = null;
    for (let minute = 0; minute < 30; minute += 1) {
      const next = watchPause(watch, summaryOf("paused"), minute * minuteMs);
      watch = next.watch;
      if (next.unanswered !== null) told.push(minute);
    }
    expect(told).toEqual([10]);
  });

  it("counts anew after the run went on", () => {
    const { watch } = watchPause({ sinceMs: 0, told: true }, summaryOf("running"), 1);
    expect(watch).toBeNull();
    expect(watchPause(null, summaryOf("paused"), 5).watch).toEqual({ sinceMs: 5, told: false });
  });

  it("says why it is paused", () => {
    const { unanswered } = watchPause({ sinceMs: 1, told: false }, summaryOf("paused"), 10 * minuteMs + 1);
    expect(unanswered).toMatchObject({ runId: "r", reason: "LOOP_DETECTED", pausedAtMs: 1 });
  });
});
