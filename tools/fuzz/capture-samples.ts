import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Type } from "protobufjs";
import { logsRequest, traceRequest } from "../../packages/analyzer/src/ingest/decode/fixtures/otlp-proto.ts";

const fixtures = new URL("../../test/fixtures/spans/", import.meta.url);
const recordsAtMost = 2;
const smallBytesAtMost = 8_192;

/** A real request body by name. */
export interface Sample {
  name: string;
  bytes: Uint8Array;
}

type Group = Record<string, unknown>;
type Request = Record<string, Group[]>;

/** How the groups of one kind of request are called, from the outside in. */
interface Frame {
  resources: string;
  scopes: string;
  records: string;
  message: Type;
}

const traces: Frame = {
  resources: "resourceSpans",
  scopes: "scopeSpans",
  records: "spans",
  message: traceRequest,
};
const logs: Frame = {
  resources: "resourceLogs",
  scopes: "scopeLogs",
  records: "logRecords",
  message: logsRequest,
};

const groupsIn = (group: Group, field: string): Group[] =>
  Array.isArray(group[field]) ? (group[field] as Group[]) : [];

function piecesOf(records: readonly Group[]): Group[][] {
  const pieces: Group[][] = [];
  for (let start = 0; start < records.length; start += recordsAtMost) {
    pieces.push(records.slice(start, start + recordsAtMost));
  }
  return pieces;
}

/** The same records in requests of at most two, each with its resource and scope. */
function smallRequests(request: Request, { resources, scopes, records }: Frame): Request[] {
  return groupsIn(request, resources).flatMap((resource) =>
    groupsIn(resource, scopes).flatMap((scope) =>
      piecesOf(groupsIn(scope, records)).map((piece) => ({
        [resources]: [{ ...resource, [scopes]: [{ ...scope, [records]: piece }] }],
      })),
    ),
  );
}

function smallSamples({ name, bytes }: Sample): Sample[] {
  const frame = name.includes(".logs.") ? logs : traces;
  if (name.endsWith(".json.gz")) {
    const request = JSON.parse(new TextDecoder().decode(bytes)) as Request;
    return smallRequests(request, frame).map((small, index) => ({
      name: `${name}, part ${String(index)}`,
      bytes: new TextEncoder().encode(JSON.stringify(small)),
    }));
  }
  const request = frame.message.decode(bytes) as unknown as Request;
  return smallRequests(request, frame).map((small, index) => ({
    name: `${name}, part ${String(index)}`,
    // A Buffer's slice is no copy.
    bytes: new Uint8Array(frame.message.encode(frame.message.fromObject(small)).finish()),
  }));
}

export interface Samples {
  /** As they were sent, 20 to 200 records each. */
  whole: Sample[];
  /** The same in requests of one or two records, where these have at most 8 KiB. */
  small: Sample[];
}

/** All captured request bodies, as they were sent and in small requests. */
export function captureSamples(): Samples {
  const folders = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const whole = folders.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, fixtures)).map((file) => ({
      name: `${name}/${file}`,
      bytes: new Uint8Array(gunzipSync(readFileSync(new URL(`${name}/${file}`, fixtures)))),
    })),
  );
  const small = whole.flatMap(smallSamples).filter(({ bytes }) => bytes.length <= smallBytesAtMost);
  return { whole, small };
}
