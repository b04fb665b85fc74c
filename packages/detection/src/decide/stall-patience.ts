import type { Episode } from "./episode.ts";

const patienceMs = 60_000;

/** A stall is paused when it lasts as long again after its nudge, and a minute; `Infinity` for one without a nudge. */
export const stallPausesAtMs = ({ kind, nudgedAtMs, firstAtMs }: Episode): number =>
  kind !== "stall" || nudgedAtMs === null
    ? Number.POSITIVE_INFINITY
    : nudgedAtMs + (nudgedAtMs - firstAtMs) + patienceMs;
