const rise = 0.35;
const decay = 0.12;
const actWorth = 0.3;

/** What one tool call brought. */
export interface CallWorth {
  gain: number;
  act: boolean;
}

/**
 * Progress after one more tool call, 0…1. A call that told something new, or did something new, raises it in
 * proportion; one that brought nothing lowers it. A repeated call never raises it.
 */
export function nextProgress(progress: number, call: CallWorth): number {
  const worth = Math.max(call.gain, call.act ? actWorth : 0);
  const next = worth > 0 ? progress + rise * worth * (1 - progress) : progress * (1 - decay);
  return Math.round(next * 10_000) / 10_000;
}
