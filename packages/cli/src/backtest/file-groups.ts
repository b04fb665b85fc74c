import { basename, dirname, join } from "node:path";

const extensions = /(\.(json|jsonl|ndjson|pb|bin|otlp|protobuf|gz))+$/i;
const signals = /(^|[._-])(otel|otlp)?[._-]?(traces?|spans?|logs?)(?=$|[._-])/gi;

/** What a file's name says beside its signal and format: `run7.logs.json.gz` and `run7.traces.pb` are both `run7`. */
function stemOf(path: string): string {
  const stem = basename(path).replace(extensions, "").replaceAll(signals, "");
  return join(dirname(path), stem.replaceAll(/^[._-]+|[._-]+$/g, ""));
}

/** Spans and log records of the same runs often lie in files that differ only by the signal's name: they are read together. */
export function groupedFiles(files: readonly string[]): string[][] {
  return [...Map.groupBy(files, stemOf).values()];
}
