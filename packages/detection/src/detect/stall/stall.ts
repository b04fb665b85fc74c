import type { OpenStep } from "../../track/run-state.ts";
import { usualMaximumMs } from "../../track/typical-duration.ts";
import type { Detector, RunView, Suspicion } from "../detector.ts";
import { type StallConfig, stallDefaults } from "./config.ts";

function seconds(durationMs: number): string {
  return `${String(Math.round(durationMs / 1000))} s`;
}

function allowedMs(view: RunView, open: OpenStep, config: StallConfig): number {
  const unknown = open.kind === "tool" ? config.unknownToolMs : config.unknownModelMs;
  return Math.max(config.minimumMs, usualMaximumMs(view.state.typical, open.name) ?? unknown);
}

/** The open call that is furthest beyond its usual duration. */
function stuckCall(view: RunView, config: StallConfig): Suspicion | null {
  const late = view.state.open
    .map((open) => ({ open, ratio: (view.nowMs - open.startMs) / allowedMs(view, open, config) }))
    .filter(({ ratio }) => ratio > 1)
    .sort((a, b) => b.ratio - a.ratio)[0];
  if (late === undefined) return null;
  const { open, ratio } = late;
  return {
    kind: "stall",
    signature: open.stepId,
    confidence: Math.min(0.95, 0.6 + 0.1 * ratio),
    urgency: "ladder",
    summary: `${open.name} has been running for ${seconds(view.nowMs - open.startMs)}; it rarely takes longer than ${seconds(allowedMs(view, open, config))}.`,
    ruledOut: "",
    evidence: [{ stepId: open.stepId, sequence: open.sequence, name: open.name, broughtNew: false }],
    facts: { names: [open.name], count: 1 },
  };
}

const isAttended = ({ state }: RunView): boolean => state.hasGate || state.heartbeatMs > 0;

const heardMs = ({ state }: RunView): number => Math.max(state.lastMs, state.heartbeatMs);

const allowedSilenceMs = (view: RunView, config: StallConfig): number =>
  isAttended(view) ? config.silenceMs : config.unheardMs;

function silence(view: RunView, config: StallConfig): Suspicion | null {
  const { state } = view;
  if (state.lastMs === 0 || state.open.length > 0) return null;
  const quietMs = view.nowMs - heardMs(view);
  if (quietMs < allowedSilenceMs(view, config)) return null;
  const attended = isAttended(view);
  return {
    kind: "stall",
    signature: `silence.${String(state.lastSequence)}`,
    confidence: attended ? 0.8 : 0.5,
    urgency: attended ? "ladder" : "note",
    summary: `Nothing was heard of the run for ${seconds(quietMs)}.`,
    ruledOut: attended
      ? ""
      : "the run sends neither start events nor heartbeats, so it may simply have ended",
    evidence: [],
    facts: { names: [], count: 1 },
  };
}

/** Nothing happens for longer than usual. Looks at timers only. */
export const stall: Detector<StallConfig> = {
  kind: "stall",
  version: "1",
  defaults: stallDefaults,
  inspect(view, config) {
    if (view.latest !== null || view.state.ended || view.state.desired !== "running") return null;
    return stuckCall(view, config) ?? silence(view, config);
  },
  sameUntilMs(view, config) {
    const { ended, desired, open, lastMs } = view.state;
    if (ended || desired !== "running") return Number.POSITIVE_INFINITY;
    if (open.length > 0) return Math.min(...open.map((one) => one.startMs + allowedMs(view, one, config)));
    if (lastMs === 0) return Number.POSITIVE_INFINITY;
    const silentAtMs = heardMs(view) + allowedSilenceMs(view, config);
    return silentAtMs > view.nowMs ? silentAtMs : Number.POSITIVE_INFINITY;
  },
};
