import { systemClock } from "./clock.ts";

/*
 * Owns: in which order pieces of synchronous work get the event loop of this process.
 * Does not own: how long a piece is: some ten milliseconds at most, or requests, timers and commands wait for it.
 */

/**
 * `urgent`: goes before everything else. `prompt`: somebody's verdict waits for it. `bulk`: rows, snapshots, large requests,
 * spans; it can wait, but not for ever.
 */
export type Urgency = "urgent" | "prompt" | "bulk";

/** However much is prompt, one turn in so many is for bulk. */
const turnsPerBulk = 3;

/** So long urgent work has the event loop to itself, and so long again it has not. */
const hurryMs = 50;
const lookAgainMs = 1;

/** So long a round may take before input and timers are served; a piece that has begun always ends. */
const longestRoundMs = 4;
const mostPerRound = 32;

interface Waiter {
  goOn: () => void;
  /** As things stand now. */
  urgency: () => Urgency;
}

/** In the order in which they came. */
const waiting: Waiter[] = [];
let promptTurns = 0;
/** Callbacks of this round that have yet to come; 0 between rounds. */
let turnsLeft = 0;
let roundEndsAtMs: number | undefined;
let hurriedAtMs = Number.NEGATIVE_INFINITY;
let willLookAgain = false;

/** Negative when the clock was put back. */
const sinceHurryMs = (): number => systemClock.nowMs() - hurriedAtMs;

function isHurried(): boolean {
  const sinceMs = sinceHurryMs();
  return sinceMs >= 0 && sinceMs < hurryMs;
}

/** Whose turn it is; -1 when nobody's. */
function nextIndex(): number {
  const urgencies = waiting.map(({ urgency }) => urgency());
  const urgent = urgencies.indexOf("urgent");
  if (urgent >= 0 || isHurried()) return urgent;
  const prompt = urgencies.indexOf("prompt");
  const bulk = urgencies.indexOf("bulk");
  const isForBulk = bulk >= 0 && (prompt < 0 || promptTurns + 1 >= turnsPerBulk);
  promptTurns = isForBulk ? 0 : promptTurns + 1;
  return isForBulk ? bulk : prompt;
}

function nextWaiter(): Waiter | undefined {
  const index = nextIndex();
  return index < 0 ? undefined : waiting.splice(index, 1)[0];
}

/** The promises that a callback resolves are dealt with before the next callback of the same round. */
function takeTurn(): void {
  const nowMs = systemClock.nowMs();
  roundEndsAtMs ??= nowMs + longestRoundMs;
  if (nowMs < roundEndsAtMs) nextWaiter()?.goOn();
  turnsLeft -= 1;
  if (turnsLeft > 0) return;
  if (isHurried()) lookAgainSoon();
  else schedule();
}

/** Who waits may have become urgent by then. */
function lookAgainSoon(): void {
  if (willLookAgain) return;
  willLookAgain = true;
  setTimeout(() => {
    willLookAgain = false;
    schedule();
  }, lookAgainMs);
}

function schedule(): void {
  if (turnsLeft > 0) return;
  roundEndsAtMs = undefined;
  turnsLeft = Math.min(mostPerRound, waiting.length);
  for (let turn = 0; turn < turnsLeft; turn += 1) setImmediate(takeTurn);
}

/**
 * Waits for this process's next turn. In each round of the event loop as many waiters go on as a few milliseconds hold, at
 * least one; then input and timers are served, however many partitions and tables have work to do.
 * @param urgency a function is asked again before each turn
 */
export function eventLoopTurn(urgency: Urgency | (() => Urgency)): Promise<void> {
  return new Promise((resolve) => {
    waiting.push({ goOn: resolve, urgency: typeof urgency === "function" ? urgency : () => urgency });
    schedule();
  });
}

/**
 * Somebody waits for what begins now and goes through several rounds of the event loop: for a moment only urgent work gets
 * turns, everything else waits. However often this is called, half of the time is left to the rest.
 */
export function hurry(): void {
  const sinceMs = sinceHurryMs();
  if (sinceMs < 0 || sinceMs >= 2 * hurryMs) hurriedAtMs = systemClock.nowMs();
}
