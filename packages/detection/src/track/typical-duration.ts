import type { Typical } from "./run-state.ts";

const maxNames = 12;
const weight = 0.25;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Learns how long a tool or model usually takes. */
export function learnDuration(
  typical: Readonly<Record<string, Typical>>,
  name: string,
  durationMs: number,
): Readonly<Record<string, Typical>> {
  const key = name.slice(0, 64);
  const known = typical[key];
  if (known === undefined && Object.keys(typical).length >= maxNames) return typical;
  const log = rounded(Math.log(Math.max(1, durationMs)));
  if (known === undefined) return { ...typical, [key]: { count: 1, logMean: log, logDeviation: 0.5 } };
  const distance = log - known.logMean;
  return {
    ...typical,
    [key]: {
      count: Math.min(known.count + 1, 1000),
      logMean: rounded(known.logMean + weight * distance),
      logDeviation: rounded(known.logDeviation + weight * (Math.abs(distance) - known.logDeviation)),
    },
  };
}

/** Duration in milliseconds that this name rarely exceeds; null when too little is known. */
export function usualMaximumMs(typical: Readonly<Record<string, Typical>>, name: string): number | null {
  const known = typical[name.slice(0, 64)];
  if (known === undefined || known.count < 3) return null;
  return Math.exp(known.logMean + 4 * Math.max(known.logDeviation, 0.35));
}
