export interface StallConfig {
  /** An open call is never called stalled before this, in milliseconds. */
  minimumMs: number;
  /** Used until a name's usual duration has been learned. */
  unknownToolMs: number;
  unknownModelMs: number;
  /** Silence between steps of a run with start events or heartbeats. */
  silenceMs: number;
  /** A run heard of only through ended spans: told, never acted on. */
  unheardMs: number;
}

const minuteMs = 60_000;

export const stallDefaults: StallConfig = {
  minimumMs: minuteMs / 2,
  unknownToolMs: 5 * minuteMs,
  unknownModelMs: 5 * minuteMs,
  silenceMs: 5 * minuteMs,
  unheardMs: 10 * minuteMs,
};
