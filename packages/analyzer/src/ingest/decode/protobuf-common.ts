import type { Attributes, AttributeValue, OtlpOrigin } from "@plumbline/contracts";
import { newAttributes, setAttribute } from "./attributes.ts";
import { type OnRejected, readOrReject } from "./item-rejection.ts";
import { maxNestingDepth, readFields, type WireReader } from "./wire-reader.ts";

/** AnyValue of opentelemetry/proto/common/v1; the last of several values wins, as protobuf has it. */
export function readAnyValue(reader: WireReader, limit: number, depth: number): AttributeValue {
  if (depth > maxNestingDepth) reader.fail(`values nested deeper than ${String(maxNestingDepth)}`);
  let value: AttributeValue = null;
  while (reader.pos < limit) value = readAnyValueField(reader, limit, { depth, before: value });
  if (reader.pos !== limit) reader.fail("a value that runs past its message");
  return value;
}

function readAnyValueField(
  reader: WireReader,
  limit: number,
  context: { depth: number; before: AttributeValue },
): AttributeValue {
  const tag = reader.tag();
  switch (tag) {
    case 0x0a:
      return reader.string(limit);
    case 0x10:
      return reader.int64() !== 0;
    case 0x18:
      return reader.int64();
    case 0x21:
      return reader.double();
    case 0x2a:
      return readArray(reader, reader.lengthEnd(limit), context.depth + 1);
    case 0x32:
      return readKeyValueList(reader, reader.lengthEnd(limit), context.depth + 1);
    case 0x3a:
      return reader.bytes(limit);
    default:
      reader.skip(tag, limit);
      return context.before;
  }
}

function readArray(reader: WireReader, limit: number, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) values.push(readAnyValue(reader, reader.lengthEnd(limit), depth));
    else reader.skip(tag, limit);
  });
  return values;
}

function readKeyValueList(reader: WireReader, limit: number, depth: number): Attributes {
  const attributes = newAttributes();
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) readKeyValue(reader, attributes, { limit: reader.lengthEnd(limit), depth });
    else reader.skip(tag, limit);
  });
  return attributes;
}

/** Reads one KeyValue that ends at `limit` into `attributes`. */
export function readKeyValue(
  reader: WireReader,
  attributes: Attributes,
  { limit, depth }: { limit: number; depth: number },
): void {
  let key = "";
  let value: AttributeValue = null;
  while (reader.pos < limit) {
    const tag = reader.tag();
    if (tag === 0x0a) key = reader.name(limit);
    else if (tag === 0x12) value = readAnyValue(reader, reader.lengthEnd(limit), depth + 1);
    else reader.skip(tag, limit);
  }
  if (reader.pos !== limit) reader.fail("a key-value pair that runs past its message");
  setAttribute(attributes, key, value);
}

export function newOrigin(): OtlpOrigin {
  return {
    resourceAttributes: newAttributes(),
    resourceSchemaUrl: "",
    scopeName: "",
    scopeVersion: "",
    scopeAttributes: newAttributes(),
    scopeSchemaUrl: "",
  };
}

function readResource(reader: WireReader, limit: number, attributes: Attributes): void {
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) readKeyValue(reader, attributes, { limit: reader.lengthEnd(limit), depth: 0 });
    else reader.skip(tag, limit);
  });
}

function readScope(reader: WireReader, limit: number, origin: OtlpOrigin): void {
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) origin.scopeName = reader.string(limit);
    else if (tag === 0x12) origin.scopeVersion = reader.string(limit);
    else if (tag === 0x1a)
      readKeyValue(reader, origin.scopeAttributes, { limit: reader.lengthEnd(limit), depth: 0 });
    else reader.skip(tag, limit);
  });
}

interface ItemReader<Item> {
  readItem: ReadItem<Item>;
  onRejected: OnRejected | undefined;
}

type ReadItem<Item> = (reader: WireReader, limit: number, origin: OtlpOrigin) => Item;

function readScopeGroup<Item>(
  reader: WireReader,
  limit: number,
  context: ItemReader<Item> & { resource: OtlpOrigin; items: Item[] },
): void {
  const { resource, items, readItem, onRejected } = context;
  const origin: OtlpOrigin = { ...resource, scopeAttributes: newAttributes() };
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) readScope(reader, reader.lengthEnd(limit), origin);
    else if (tag === 0x12) {
      const end = reader.lengthEnd(limit);
      const item = readOrReject(() => readItem(reader, end, origin), onRejected);
      reader.pos = end;
      if (item !== undefined) items.push(item);
    } else if (tag === 0x1a) origin.scopeSchemaUrl = reader.string(limit);
    else reader.skip(tag, limit);
  });
}

/** The resource must be known before its records are built, but protobuf allows any order: groups are remembered and read after. */
function readResourceGroup<Item>(
  reader: WireReader,
  limit: number,
  context: ItemReader<Item> & { items: Item[] },
): void {
  const resource = newOrigin();
  const groups: { start: number; end: number }[] = [];
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) readResource(reader, reader.lengthEnd(limit), resource.resourceAttributes);
    else if (tag === 0x12) {
      const end = reader.lengthEnd(limit);
      groups.push({ start: reader.pos, end });
      reader.pos = end;
    } else if (tag === 0x1a) resource.resourceSchemaUrl = reader.string(limit);
    else reader.skip(tag, limit);
  });
  for (const group of groups) {
    reader.pos = group.start;
    readScopeGroup(reader, group.end, { resource, ...context });
  }
  reader.pos = limit;
}

/** The frame that traces and logs share: request → resource groups → scope groups → items. */
export function readRequest<Item>(reader: WireReader, itemReader: ItemReader<Item>): Item[] {
  const items: Item[] = [];
  readFields(reader, reader.end, (tag) => {
    if (tag === 0x0a) readResourceGroup(reader, reader.lengthEnd(reader.end), { items, ...itemReader });
    else reader.skip(tag, reader.end);
  });
  return items;
}
