import { treeOf } from "./pack.ts";
import { type WireItem, type WireRequest, bytesOf } from "./read-protobuf.ts";
import type { WireRange } from "./wire-shape.ts";

const tag = { resources: 0x0a, scopes: 0x12 } as const;

function varintBytes(value: number): number {
  let rest = value;
  let count = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    count += 1;
  }
  return count;
}

interface Sink {
  source: Uint8Array;
  target: Uint8Array;
  position: number;
}

function writeHead(sink: Sink, tagByte: number, length: number): void {
  sink.target[sink.position] = tagByte;
  sink.position += 1;
  let rest = length;
  while (rest >= 0x80) {
    sink.target[sink.position] = (rest % 0x80) | 0x80;
    sink.position += 1;
    rest = Math.floor(rest / 0x80);
  }
  sink.target[sink.position] = rest;
  sink.position += 1;
}

function copy(sink: Sink, ranges: readonly WireRange[]): void {
  for (const { start, end } of ranges) {
    sink.target.set(sink.source.subarray(start, end), sink.position);
    sink.position += end - start;
  }
}

const embeddedBytes = (length: number): number => 1 + varintBytes(length) + length;

/** Writes an export request that holds just these items, each byte for byte, inside their resources and scopes. */
export function writeProtobuf(
  source: Uint8Array,
  request: WireRequest,
  items: readonly WireItem[],
): Uint8Array {
  const branches = treeOf(items).map(({ resource, scopes }) => {
    const twigs = scopes.map(({ scope, items: members }) => {
      const ranges = [...scope.others, ...members.map((member) => member.range)];
      return { ranges, length: bytesOf(ranges) };
    });
    const inner = twigs.reduce((sum, twig) => sum + embeddedBytes(twig.length), 0);
    return { others: resource.others, twigs, length: bytesOf(resource.others) + inner };
  });
  const total = branches.reduce((sum, branch) => sum + embeddedBytes(branch.length), bytesOf(request.others));
  const sink: Sink = { source, target: new Uint8Array(total), position: 0 };
  copy(sink, request.others);
  for (const branch of branches) {
    writeHead(sink, tag.resources, branch.length);
    copy(sink, branch.others);
    for (const twig of branch.twigs) {
      writeHead(sink, tag.scopes, twig.length);
      copy(sink, twig.ranges);
    }
  }
  return sink.target;
}
