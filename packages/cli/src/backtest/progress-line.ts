export interface BacktestProgress {
  done: number;
  units: number;
  spans: number;
  runs: number;
  held: number;
}

const barWidth = 24;

/** `━━━━━━──────  12 of 40  31,204 spans, 310 runs, 4 would have been held` */
export function progressLine({ done, units, spans, runs, held }: BacktestProgress): string {
  const filled = units === 0 ? barWidth : Math.round((barWidth * done) / units);
  const bar = "━".repeat(filled) + "─".repeat(barWidth - filled);
  const figures = `${spans.toLocaleString("en-US")} spans, ${runs.toLocaleString("en-US")} runs`;
  return `${bar}  ${String(done)} of ${String(units)}  ${figures}, ${String(held)} would have been held`;
}

export interface ProgressShow {
  show(progress: BacktestProgress): void;
  /** Takes the line away. */
  end(): void;
}

/** A line that rewrites itself on a terminal, and nothing elsewhere. */
export function progressOn(stream: NodeJS.WriteStream): ProgressShow {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  const write = (text: string): void => {
    stream.cursorTo(0);
    stream.write(text.slice(0, Math.max(20, stream.columns - 1)));
    stream.clearLine(1);
  };
  return { show: (progress) => write(progressLine(progress)), end: () => write("") };
}
