import type { BacktestTelemetry } from "@plumbline/analyzer";

/** Telemetry, or a reason why something was left out. */
export type Part = BacktestTelemetry | string;

function earliestOf(part: Part): bigint {
  if (typeof part === "string") return 0n;
  const times = [
    ...part.spans.map(({ endTimeUnixNano }) => endTimeUnixNano),
    ...part.logs.map(({ timeUnixNano, observedTimeUnixNano }) =>
      timeUnixNano > 0n ? timeUnixNano : observedTimeUnixNano,
    ),
  ];
  return times.reduce((first, time) => (time < first ? time : first), times[0] ?? 0n);
}

interface Head {
  part: Part;
  atNano: bigint;
  rest: AsyncIterator<Part>;
}

async function headOf(rest: AsyncIterator<Part>): Promise<Head[]> {
  const next = await rest.next();
  return next.done === true ? [] : [{ part: next.value, atNano: earliestOf(next.value), rest }];
}

/** Several streams, each in the order of time, as one; of each only its next part is held. */
export async function* mergeParts(streams: readonly AsyncIterable<Part>[]): AsyncGenerator<Part> {
  const first = streams.map((stream) => headOf(stream[Symbol.asyncIterator]()));
  let heads = (await Promise.all(first)).flat();
  while (heads.length > 0) {
    const next = heads.reduce((earliest, head) => (head.atNano < earliest.atNano ? head : earliest));
    yield next.part;
    heads = heads.filter((head) => head !== next).concat(await headOf(next.rest));
  }
}

/** All telemetry of several streams as one part, reasons apart. */
export async function* joinParts(streams: readonly AsyncIterable<Part>[]): AsyncGenerator<Part> {
  const telemetry: BacktestTelemetry[] = [];
  for (const stream of streams) {
    for await (const part of stream) {
      if (typeof part === "string") yield part;
      else telemetry.push(part);
    }
  }
  yield { spans: telemetry.flatMap(({ spans }) => spans), logs: telemetry.flatMap(({ logs }) => logs) };
}
