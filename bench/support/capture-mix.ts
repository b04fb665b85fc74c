import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decodeLogs, decodeTraces } from "../../packages/analyzer/src/ingest/decode/decode.ts";
import { logs, traces } from "../../packages/collector/src/receive/signal.ts";
import { splitJson } from "../../packages/collector/src/forward/split-json.ts";
import { splitProtobuf } from "../../packages/collector/src/forward/split-protobuf.ts";
import { collectorSettingsSchema } from "@plumbline/collector";
import type { BusRecord } from "@plumbline/bus";
import { header, topic } from "@plumbline/contracts";

/*
 * The recorded runs of the test fixtures (recorded stacks × scenarios), as the collector puts them on the bus, and any number
 * of copies with ids of their own: trace ids, conversation ids, call ids and the customer of the goal are renamed in
 * place, so that each copy makes new runs and costs what the original costs.
 */

export interface MixRecord {
  topic: string;
  record: BusRecord;
}

/** One recorded run. */
export interface Capture {
  name: string;
  spans: number;
  logRecords: number;
  bytes: number;
  /** The run under new ids. Captures share goal and service, so no two runs may have the same number. */
  copy(number: number): MixRecord[];
}

const fixtures = new URL("../../test/fixtures/spans/", import.meta.url);
const { limits } = collectorSettingsSchema.parse({});
const jsonType = "application/json";
const protobufType = "application/x-protobuf";

interface Patch {
  at: number;
  length: number;
  text(number: number): string;
}

interface Template {
  topic: string;
  key: string;
  contentType: string;
  value: Buffer;
  patches: Patch[];
}

const hexNumber = (number: number): string => number.toString(16).padStart(8, "0");
const base36Number = (number: number, length: number): string =>
  number.toString(36).padStart(length, "0").slice(-length);

/** Texts that name one run and no other, with the part of each that a copy replaces. */
const renamed: { pattern: RegExp; skip: number; length: number; text: (number: number) => string }[] = [
  {
    pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/giu,
    skip: 0,
    length: 8,
    text: hexNumber,
  },
  { pattern: /\bada(?=@example)/gu, skip: 0, length: 3, text: (number) => base36Number(number, 3) },
  { pattern: /(?:sess|conv)-42/gu, skip: 0, length: 7, text: (number) => base36Number(number, 7) },
  { pattern: /(?<=Context: )Headph/gu, skip: 0, length: 6, text: (number) => base36Number(number, 6) },
  {
    pattern: /(?<=\bada@)example/gu,
    skip: 0,
    length: 4,
    text: (number) => base36Number(Math.floor(number / 36 ** 3), 4),
  },
  {
    pattern: /\b(?:call|toolu|fc|chatcmpl|resp|msg|conv|thread|session|gen)[-_](?=[A-Za-z0-9]{6,})/gu,
    skip: -1,
    length: 6,
    text: (number) => base36Number(number, 6),
  },
];

function patchesOf(value: Buffer, traceIds: ReadonlySet<string>): Patch[] {
  const text = value.toString("latin1");
  const patches: Patch[] = renamed.flatMap(({ pattern, skip, length, text: textOf }) =>
    [...text.matchAll(pattern)].map((match) => ({
      at: match.index + (skip < 0 ? match[0].length : skip),
      length,
      text: textOf,
    })),
  );
  for (const traceId of traceIds) {
    const raw = Buffer.from(traceId, "hex").toString("latin1");
    for (let at = text.indexOf(raw); at >= 0; at = text.indexOf(raw, at + 1))
      patches.push({
        at,
        length: 4,
        text: (number) => Buffer.from(hexNumber(number), "hex").toString("latin1"),
      });
    for (let at = text.indexOf(traceId); at >= 0; at = text.indexOf(traceId, at + 1))
      patches.push({ at, length: 8, text: hexNumber });
  }
  return patches;
}

function copyOf({ topic: topicName, key, contentType, value, patches }: Template, number: number): MixRecord {
  const copy = Buffer.from(value);
  for (const patch of patches) copy.write(patch.text(number), patch.at, patch.length, "latin1");
  return {
    topic: topicName,
    record: {
      key: key.length === 32 ? hexNumber(number) + key.slice(8) : `${key}${String(number)}`,
      value: copy,
      headers: { [header.contentType]: contentType },
    },
  };
}

interface Content {
  topic: string;
  contentType: string;
  body: Buffer;
}

function contentOf(url: URL): Content {
  const isLogs = url.pathname.includes(".logs.");
  const contentType = url.pathname.includes(".json") ? jsonType : protobufType;
  return { topic: isLogs ? topic.logs : topic.spans, contentType, body: gunzipSync(readFileSync(url)) };
}

function templatesOf({ topic: topicName, contentType, body }: Content): Omit<Template, "patches">[] {
  const split = contentType === jsonType ? splitJson : splitProtobuf;
  const { records } = split(body, topicName === topic.logs ? logs : traces, limits);
  return records.map(({ key, value }) => ({ topic: topicName, key, contentType, value: Buffer.from(value) }));
}

/** Protobuf where the capture has it; some emitters send their log records as JSON only. */
function filesOf(all: readonly string[], scenario: string): string[] {
  const own = all.filter((file) => file.startsWith(`${scenario}.`));
  const binary = own.filter((file) => file.includes(".pb"));
  const hasLogs = binary.some((file) => file.includes(".logs."));
  return [...binary, ...own.filter((file) => file.includes(".json") && file.includes(".logs.") && !hasLogs)];
}

function captureOf(name: string, files: readonly URL[]): Capture {
  const contents = files.map(contentOf);
  const spans = contents
    .filter((content) => content.topic === topic.spans)
    .flatMap(({ body, contentType }) => decodeTraces(body, contentType));
  const logRecords = contents
    .filter((content) => content.topic === topic.logs)
    .flatMap(({ body, contentType }) => decodeLogs(body, contentType));
  const traceIds = new Set(
    [...spans, ...logRecords].map(({ traceId }) => traceId).filter((traceId) => traceId !== ""),
  );
  const templates = contents
    .flatMap(templatesOf)
    .map((template): Template => ({ ...template, patches: patchesOf(template.value, traceIds) }));
  return {
    name,
    spans: spans.length,
    logRecords: logRecords.length,
    bytes: templates.reduce((sum, { value }) => sum + value.length, 0),
    copy: (number) => templates.map((template) => copyOf(template, number)),
  };
}

const isSpans = (file: string, format: string): boolean =>
  file.endsWith(`.${format}.gz`) && !file.includes(".logs.");

/** The mix stays what it is, so that figures can be compared: the stacks that were captured in both formats. */
const isInMix = (files: readonly string[]): boolean =>
  ["json", "pb"].every((format) => files.some((file) => isSpans(file, format)));

/** All recorded runs of the mix, in a fixed order. */
export function readCaptures(): Capture[] {
  const stacks = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return stacks.flatMap(({ name }) => {
    const files = readdirSync(new URL(`${name}/`, fixtures));
    if (!isInMix(files)) return [];
    const scenarios = [...new Set(files.map((file) => file.split(".", 1)[0] ?? ""))].toSorted();
    return scenarios.map((scenario) =>
      captureOf(
        `${name}/${scenario}`,
        filesOf(files, scenario).map((file) => new URL(`${name}/${file}`, fixtures)),
      ),
    );
  });
}
