import { RejectedError } from "@plumbline/contracts";
import { WireCursor, wireType } from "./wire-cursor.ts";

/** The embedded messages of a protobuf message by field number; all other fields are opaque. */
export interface WireShape {
  readonly embedded: ReadonlyMap<number, () => WireShape>;
  /** True where a value may hold values again. */
  readonly nests: boolean;
}

const shape = (fields: Record<number, () => WireShape>, nests = false): WireShape => ({
  embedded: new Map(Object.entries(fields).map(([field, of]) => [Number(field), of])),
  nests,
});

const anyValue = shape({ 5: () => arrayValue, 6: () => keyValueList }, true);
const keyValue = shape({ 2: () => anyValue });
const arrayValue = shape({ 1: () => anyValue });
const keyValueList = shape({ 1: () => keyValue });

export const resourceShape = shape({ 1: () => keyValue });
export const scopeShape = shape({ 3: () => keyValue });

const spanEvent = shape({ 3: () => keyValue });
const spanLink = shape({ 4: () => keyValue });
const spanStatus = shape({});
const span = shape({ 9: () => keyValue, 11: () => spanEvent, 13: () => spanLink, 15: () => spanStatus });
const logRecord = shape({ 5: () => anyValue, 6: () => keyValue });

export const itemShapes = { traces: span, logs: logRecord } as const;

/** A stretch of bytes that holds one message. */
export interface WireRange {
  start: number;
  end: number;
}

/**
 * Proves that a message and everything in it that a decoder will enter is well-formed and not nested too deeply.
 * @param deepest how many attribute values may stand inside each other
 * @throws RejectedError `UNDECODABLE` or `NESTED_TOO_DEEPLY`
 */
export function checkShape(
  bytes: Uint8Array,
  range: WireRange & { shape: WireShape },
  deepest: number,
): void {
  if (deepest < 0) {
    throw new RejectedError("Attribute values are nested too deeply.", {
      code: "NESTED_TOO_DEEPLY",
      mend: "Send nested structures as JSON text.",
    });
  }
  const cursor = new WireCursor(bytes, range.start, range.end);
  const { embedded } = range.shape;
  while (cursor.next()) {
    if (cursor.type !== wireType.lengthDelimited) continue;
    const inner = embedded.get(cursor.field)?.();
    if (inner === undefined) continue;
    checkShape(
      bytes,
      { start: cursor.valueStart, end: cursor.end, shape: inner },
      inner.nests ? deepest - 1 : deepest,
    );
  }
}
