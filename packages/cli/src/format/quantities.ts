/** $0.0031, $3.18, $1,204.50 */
export function formatUsd(microUsd: number): string {
  const usd = microUsd / 1_000_000;
  if (usd !== 0 && usd < 0.1) return `$${usd.toFixed(4)}`;
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** 340 ms, 2.1 s, 4m12s, 3h05m, 2d04h */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return formatLongDuration(Math.floor(seconds));
}

function formatLongDuration(seconds: number): string {
  const two = (count: number): string => String(count).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)}m${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)}h${two(minutes % 60)}m`;
  return `${String(Math.floor(hours / 24))}d${two(hours % 24)}h`;
}

/** 02:51:07 of the local day. */
export function formatTimeOfDay(timeMs: number): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    timeMs,
  );
}

const bars = "▁▂▃▄▅▆▇█";

/** Values from 0 to 1 as a row of bars, the newest last; more than `width` are averaged down. */
export function sparkline(values: readonly number[], width: number): string {
  const size = Math.max(1, Math.ceil(values.length / width));
  const groups: number[] = [];
  for (let start = 0; start < values.length; start += size) {
    const group = values.slice(start, start + size);
    groups.push(group.reduce((sum, value) => sum + value, 0) / group.length);
  }
  return groups
    .map((value) => bars[Math.min(bars.length - 1, Math.floor(value * bars.length))] ?? "")
    .join("");
}
