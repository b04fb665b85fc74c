import { startProcess } from "./start-process.ts";

/** What became of the spans that were to flow. */
export interface LoadResult {
  /** Sent, answered 200, and refused or failed. */
  sent: number;
  accepted: number;
  refused: number;
  bytes: number;
  seconds: number;
}

/** Spans that flow beside what is measured. */
export interface Load {
  stop(): Promise<LoadResult>;
}

const nothing: LoadResult = { sent: 0, accepted: 0, refused: 0, bytes: 0, seconds: 0 };

/** Begins to send; a rate of 0 sends nothing. */
export async function startLoad(otlpUrl: string, spansPerSecond: number): Promise<Load> {
  if (spansPerSecond === 0) return { stop: () => Promise.resolve(nothing) };
  const sender = startProcess<LoadResult | { ready: true }>(
    new URL("./processes/load-process.ts", import.meta.url),
    { BENCH_LOAD_URL: otlpUrl, BENCH_LOAD_RATE: String(spansPerSecond) },
  );
  await sender.next();
  return {
    async stop() {
      sender.child.send("stop");
      const result = (await sender.next()) as LoadResult;
      await sender.close();
      return result;
    },
  };
}
