import { RejectedError } from "@plumbline/contracts";
import type { Signal } from "../receive/signal.ts";
import { type ItemIds, keyOf } from "./ids.ts";
import type { PackedItem, PackedResource, PackedScope } from "./pack.ts";
import {
  type RejectionCode,
  type Rejections,
  type SplitLimits,
  noRejections,
  reject,
} from "./split-result.ts";
import { WireCursor, wireType } from "./wire-cursor.ts";
import {
  type WireRange,
  type WireShape,
  checkShape,
  itemShapes,
  resourceShape,
  scopeShape,
} from "./wire-shape.ts";

/** Tag and length of an embedded message, at most. */
const envelopeBytes = 6;

const field = { resources: 1, resource: 1, scopes: 2, scope: 1, items: 2 } as const;

export interface WireResource extends PackedResource {
  /** Every field of it but its scopes, as they stood. */
  others: WireRange[];
  problem: RejectedError | undefined;
}

export interface WireScope extends PackedScope {
  resource: WireResource;
  others: WireRange[];
  problem: RejectedError | undefined;
}

export interface WireItem extends PackedItem {
  scope: WireScope;
  /** The item with its tag and length. */
  range: WireRange;
}

/** A request as ranges over its bytes. */
export interface WireRequest {
  others: WireRange[];
  items: WireItem[];
  rejections: Rejections;
  /** How many items the request held. */
  seen: number;
}

/** The content of an embedded message, and where its tag begins. */
interface EmbeddedField extends WireRange {
  tagStart: number;
}

export const bytesOf = (ranges: readonly WireRange[]): number =>
  ranges.reduce((sum, range) => sum + range.end - range.start, 0);

const hexOf = (bytes: Uint8Array, range: WireRange | undefined): string =>
  range === undefined
    ? ""
    : Buffer.from(bytes.buffer, bytes.byteOffset + range.start, range.end - range.start).toString("hex");

/** Reads the structure of an export request down to its items; what is broken inside an item costs only that item. */
class RequestReader {
  readonly request: WireRequest = { others: [], items: [], rejections: noRejections(), seen: 0 };
  readonly #bytes: Uint8Array;
  readonly #signal: Signal;
  readonly #limits: SplitLimits;

  constructor(bytes: Uint8Array, signal: Signal, limits: SplitLimits) {
    this.#bytes = bytes;
    this.#signal = signal;
    this.#limits = limits;
  }

  readRequest(): void {
    const cursor = new WireCursor(this.#bytes, 0, this.#bytes.length);
    while (cursor.next()) {
      if (cursor.field === field.resources && cursor.type === wireType.lengthDelimited) {
        this.#readResource({ start: cursor.valueStart, end: cursor.end });
      } else {
        this.request.others.push({ start: cursor.start, end: cursor.end });
      }
    }
  }

  #readResource(range: WireRange): void {
    const scopes: EmbeddedField[] = [];
    const resource = { others: [], overheadBytes: 0, problem: undefined };
    this.#readEnvelope(range, { shape: resourceShape, target: resource, inner: scopes });
    for (const scope of scopes) this.#readScope(scope, resource);
  }

  #readScope(range: WireRange, resource: WireResource): void {
    const items: EmbeddedField[] = [];
    const scope = { resource, others: [], overheadBytes: 0, problem: resource.problem };
    this.#readEnvelope(range, { shape: scopeShape, target: scope, inner: items });
    for (const item of items) this.#readItem(item, scope);
  }

  /** A resource and a scope have the same layout: field 1 describes it, field 2 repeats what is inside. */
  #readEnvelope(
    range: WireRange,
    into: {
      shape: WireShape;
      target: { others: WireRange[]; overheadBytes: number; problem: RejectedError | undefined };
      inner: EmbeddedField[];
    },
  ): void {
    const { shape, target, inner } = into;
    const cursor = new WireCursor(this.#bytes, range.start, range.end);
    while (cursor.next()) {
      const embedded = cursor.type === wireType.lengthDelimited;
      if (embedded && cursor.field === field.items) {
        inner.push({ tagStart: cursor.start, start: cursor.valueStart, end: cursor.end });
        continue;
      }
      target.others.push({ start: cursor.start, end: cursor.end });
      if (embedded && cursor.field === field.resource) {
        target.problem ??= this.#problemOf({ start: cursor.valueStart, end: cursor.end, shape });
      }
    }
    target.overheadBytes = bytesOf(target.others) + envelopeBytes;
  }

  #readItem(message: EmbeddedField, scope: WireScope): void {
    const { request } = this;
    request.seen += 1;
    if (request.seen > this.#limits.maxItems) {
      throw new RejectedError(`The request holds more than ${String(this.#limits.maxItems)} items.`, {
        code: "TOO_MANY_ITEMS",
        mend: "Send smaller batches.",
      });
    }
    const problem = scope.problem ?? this.#problemOf({ ...message, shape: itemShapes[this.#signal.name] });
    if (problem !== undefined) {
      reject(request.rejections, { code: problem.code as RejectionCode, message: problem.message });
      return;
    }
    const named = keyOf(this.#idsOf(message), this.#signal.needsIds);
    if ("code" in named) reject(request.rejections, named);
    else this.#keep(message, scope, named.key);
  }

  #keep(message: EmbeddedField, scope: WireScope, key: string | null): void {
    const range = { start: message.tagStart, end: message.end };
    this.request.items.push({ key, scope, range, bytes: range.end - range.start });
  }

  #idsOf(range: WireRange): ItemIds {
    const { trace, span, parent } = this.#signal.idFields;
    const found = new Map<number, WireRange>();
    const cursor = new WireCursor(this.#bytes, range.start, range.end);
    while (cursor.next()) {
      const isId = cursor.field === trace || cursor.field === span || cursor.field === parent;
      if (isId && cursor.type === wireType.lengthDelimited) {
        found.set(cursor.field, { start: cursor.valueStart, end: cursor.end });
      }
    }
    return {
      traceId: hexOf(this.#bytes, found.get(trace)),
      spanId: hexOf(this.#bytes, found.get(span)),
      parentSpanId: parent === null ? "" : hexOf(this.#bytes, found.get(parent)),
    };
  }

  #problemOf(part: WireRange & { shape: WireShape }): RejectedError | undefined {
    try {
      checkShape(this.#bytes, part, this.#limits.maxDepth);
      return undefined;
    } catch (error) {
      if (error instanceof RejectedError) return error;
      throw error;
    }
  }
}

/**
 * @throws RejectedError `UNDECODABLE` when the bytes are no export request, `TOO_MANY_ITEMS`
 */
export function readProtobuf(bytes: Uint8Array, signal: Signal, limits: SplitLimits): WireRequest {
  const reader = new RequestReader(bytes, signal, limits);
  reader.readRequest();
  return reader.request;
}
