import { InvalidArgumentError } from "commander";

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of `90m`, `12h`, `30d` or `2w`. */
export function durationMs(text: string): number {
  const match = /^(\d+)([mhdw])$/.exec(text);
  const [, count = "", unit = ""] = match ?? [];
  const size = unitMs[unit];
  if (size === undefined) throw new InvalidArgumentError("Write it as 90m, 12h, 30d or 2w.");
  return Number(count) * size;
}
