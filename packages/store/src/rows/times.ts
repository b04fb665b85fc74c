const nanosPerMs = 1_000_000n;
/** Last moment that every date function of the database handles: 2099-12-31T23:59:59.999999999Z. */
const latestUnixNano = 4_102_444_800_000n * nanosPerMs - 1n;

/** A moment the tables can hold; `altered` when the given one lies outside 1970 to 2099. */
export interface StorableTime {
  unixNano: bigint;
  altered: boolean;
}

/** Moves a moment into the range that the tables can hold. */
export function clampUnixNano(unixNano: bigint): StorableTime {
  if (unixNano < 0n) return { unixNano: 0n, altered: true };
  if (unixNano > latestUnixNano) return { unixNano: latestUnixNano, altered: true };
  return { unixNano, altered: false };
}

/** Milliseconds since the epoch, fractions kept to the nanosecond. Not finite counts as the epoch. */
export function unixNanoOfMs(timeMs: number): StorableTime {
  if (!Number.isFinite(timeMs)) return { unixNano: 0n, altered: true };
  const wholeMs = Math.floor(timeMs);
  const nanos = BigInt(wholeMs) * nanosPerMs + BigInt(Math.round((timeMs - wholeMs) * 1e6));
  return clampUnixNano(nanos);
}

/** Inverse of {@link unixNanoOfMs}, as exact as a double is. */
export function msOfUnixNano(unixNano: bigint): number {
  return Number(unixNano / nanosPerMs) + Number(unixNano % nanosPerMs) / 1e6;
}

const nanosPerSecond = 1_000_000_000n;
/** The rows of a batch are of few seconds: the last one's text is kept. */
const lastSecond = { number: -1, text: "" };

function secondText(second: number): string {
  if (second !== lastSecond.number) {
    lastSecond.number = second;
    lastSecond.text = new Date(second * 1_000).toISOString().slice(0, 20);
  }
  return lastSecond.text;
}

/** `2025-06-15T12:00:00.123456789Z` */
export function timeText(unixNano: bigint): string {
  const second = unixNano / nanosPerSecond;
  const nanos = Number(unixNano - second * nanosPerSecond);
  return `${secondText(Number(second))}${String(nanos).padStart(9, "0")}Z`;
}

/** Inverse of {@link timeText}; takes any number of fraction digits up to nine. */
export function unixNanoOfText(text: string): bigint {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z?$/.exec(text);
  if (match === null) throw new TypeError(`Not a time of the store: ${JSON.stringify(text)}`);
  const [, day, time, fraction = ""] = match;
  const wholeMs = Date.parse(`${String(day)}T${String(time)}Z`);
  return BigInt(wholeMs) * nanosPerMs + BigInt(fraction.padEnd(9, "0"));
}
