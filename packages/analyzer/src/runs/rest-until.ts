import { isTerminal } from "@plumbline/contracts";
import { noEffects } from "./effects.ts";
import { foldRun } from "./fold-run.ts";
import type { HeldRun } from "./held-run.ts";
import { quietUntilMs } from "./quiet-until.ts";
import type { RunParts } from "./run-state.ts";

/**
 * Until when timers leave a run as it is, found out by folding the one of `nowMs`; 0 when that one changes something. So a
 * run is written down as one at rest before any timer has looked at it, and its next owner need not unpack it to see.
 */
export function restUntilMs({ form, quietUntilMs: told }: HeldRun, parts: RunParts, nowMs: number): number {
  if (told > 0 || form instanceof Uint8Array) return told;
  const moment = { type: "timer" as const, nowMs, offset: form.lastObservationOffset };
  const isAtRest =
    isTerminal(form.summary.status) || foldRun(form, moment, { parts, effects: noEffects() }) === form;
  return isAtRest ? quietUntilMs(form, parts, nowMs) : 0;
}
