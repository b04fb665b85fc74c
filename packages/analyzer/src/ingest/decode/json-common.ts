import { Buffer } from "node:buffer";
import { type Attributes, type AttributeValue, type OtlpOrigin, RejectedError } from "@plumbline/contracts";
import { setAttribute } from "./attributes.ts";
import { type OnRejected, readOrReject } from "./item-rejection.ts";
import { newOrigin } from "./protobuf-common.ts";
import { maxNestingDepth } from "./wire-reader.ts";

export type JsonObject = Record<string, unknown>;

export function fail(where: string, what: string): never {
  throw new RejectedError(`Not a readable OTLP JSON message: ${where} ${what}.`, {
    code: "OTLP_JSON_MALFORMED",
    mend: "See https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding for the form.",
  });
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Some senders write proto field names (`resource_spans`) instead of their JSON names. */
const snakeNames = new Map<string, string>();
function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}

export function field(object: JsonObject, name: string): unknown {
  const value = object[name];
  return value === undefined ? object[snakeCase(name)] : value;
}

export function listField(object: JsonObject, name: string, where: string): unknown[] {
  const value = field(object, name);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) fail(`${where}.${name}`, "is not an array");
  return value;
}

export function objectAt(value: unknown, where: string): JsonObject {
  if (!isObject(value)) fail(where, "is not an object");
  return value;
}

export function textField(object: JsonObject, name: string, where: string): string {
  const value = field(object, name);
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") fail(`${where}.${name}`, "is not a string");
  return value;
}

/** Ids are hex in OTLP JSON; canonical protobuf JSON (base64) is tolerated where the length gives it away. */
export function idField(object: JsonObject, name: string, where: string): string {
  const text = textField(object, name, where);
  if (/^[0-9a-fA-F]*$/.test(text)) return text.toLowerCase();
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 16 || bytes.length === 8) return bytes.toString("hex");
  return fail(`${where}.${name}`, "is not a hex id");
}

export function nanosField(object: JsonObject, name: string, where: string): bigint {
  const value = field(object, name);
  if (value === undefined || value === null || value === "") return 0n;
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt.asUintN(64, BigInt(value));
  if (typeof value === "number" && Number.isFinite(value) && value >= 0)
    return BigInt.asUintN(64, BigInt(Math.round(value)));
  return fail(`${where}.${name}`, "is not a time in nanoseconds");
}

/** A small number, or an enum by its name (`SPAN_KIND_CLIENT`), which the specification forbids and some senders use. */
export function numberField(object: JsonObject, name: string, enumNames: readonly string[] = []): number {
  const value = field(object, name);
  if (typeof value === "number") return Number.isFinite(value) ? Math.trunc(value) : 0;
  if (typeof value !== "string") return 0;
  const index = enumNames.indexOf(value);
  if (index >= 0) return index;
  const parsed = Number.parseInt(value, 10);
  return Number.isNaN(parsed) ? 0 : parsed;
}

function integerOf(value: unknown, where: string): number | bigint {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(value));
  }
  return fail(where, "is not an integer");
}

function doubleOf(value: unknown, where: string): number {
  if (value === null) return Number.NaN;
  if (typeof value === "number") return value;
  if (typeof value === "string") {
    const number = Number(value);
    if (!Number.isNaN(number) || value === "NaN") return number;
  }
  return fail(where, "is not a number");
}

/** Readers of the members of AnyValue, in the order of the proto file. */
const anyValueReaders: readonly [string, (value: unknown, where: string, depth: number) => AttributeValue][] =
  [
    ["stringValue", (value, where) => (typeof value === "string" ? value : fail(where, "is not a string"))],
    ["intValue", (value, where) => integerOf(value, where)],
    ["boolValue", (value) => value === true || value === "true"],
    ["doubleValue", (value, where) => doubleOf(value, where)],
    [
      "arrayValue",
      (value, where, depth) =>
        listField(objectAt(value, where), "values", where).map((item) => anyValue(item, where, depth + 1)),
    ],
    [
      "kvlistValue",
      (value, where, depth) => {
        const list: Attributes = {};
        readAttributes(listField(objectAt(value, where), "values", where), list, { where, depth: depth + 1 });
        return list;
      },
    ],
    [
      "bytesValue",
      (value) => (typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : null),
    ],
  ];

/** An AnyValue of OTLP JSON; an empty one is null. */
export function anyValue(value: unknown, where: string, depth: number): AttributeValue {
  if (depth > maxNestingDepth) fail(where, `nests values deeper than ${String(maxNestingDepth)}`);
  if (value === null || value === undefined) return null;
  const object = objectAt(value, where);
  for (const [name, read] of anyValueReaders) {
    const member = field(object, name);
    if (member !== undefined && (member !== null || name === "doubleValue"))
      return read(member, where, depth);
  }
  return null;
}

export function readAttributes(
  list: unknown[],
  attributes: Attributes,
  { where, depth }: { where: string; depth: number },
): void {
  for (const item of list) {
    const pair = objectAt(item, `${where}.attributes`);
    const key = textField(pair, "key", where);
    setAttribute(attributes, key, anyValue(pair["value"], `${where}.attributes["${key}"]`, depth));
  }
}

export function attributesField(object: JsonObject, where: string): Attributes {
  const attributes: Attributes = {};
  readAttributes(listField(object, "attributes", where), attributes, { where, depth: 0 });
  return attributes;
}

export function parseJson(bytes: Uint8Array): JsonObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new RejectedError(`Not a readable OTLP JSON message: ${(cause as Error).message}.`, {
      code: "OTLP_JSON_MALFORMED",
      mend: "Check that the sender's content type matches its body and that nothing cut the body on the way.",
      cause,
    });
  }
  return objectAt(parsed, "the body");
}

interface RequestShape<Item> {
  groups: string;
  scopes: string;
  items: string;
  readItem: (object: JsonObject, origin: OtlpOrigin, where: string) => Item;
  onRejected: OnRejected | undefined;
}

function originOf(group: JsonObject, where: string): OtlpOrigin {
  const origin = newOrigin();
  const resource = field(group, "resource");
  if (isObject(resource)) origin.resourceAttributes = attributesField(resource, `${where}.resource`);
  origin.resourceSchemaUrl = textField(group, "schemaUrl", where);
  return origin;
}

function scopedOrigin(resource: OtlpOrigin, group: JsonObject, where: string): OtlpOrigin {
  const scope = field(group, "scope");
  const origin = { ...resource, scopeAttributes: {}, scopeSchemaUrl: textField(group, "schemaUrl", where) };
  if (!isObject(scope)) return origin;
  return {
    ...origin,
    scopeName: textField(scope, "name", `${where}.scope`),
    scopeVersion: textField(scope, "version", `${where}.scope`),
    scopeAttributes: attributesField(scope, `${where}.scope`),
  };
}

/** Items of one scope group, with the origin that they share. */
function readScoped<Item>(
  scoped: JsonObject,
  shape: RequestShape<Item>,
  { origin, where }: { origin: OtlpOrigin; where: string },
): Item[] {
  return listField(scoped, shape.items, where).flatMap((value, index) => {
    const itemWhere = `${where}.${shape.items}[${String(index)}]`;
    const read = (): Item => shape.readItem(objectAt(value, itemWhere), origin, itemWhere);
    const item = readOrReject(read, shape.onRejected);
    return item === undefined ? [] : [item];
  });
}

/** The frame that traces and logs share. */
export function readJsonRequest<Item>(body: JsonObject, shape: RequestShape<Item>): Item[] {
  return listField(body, shape.groups, "the body").flatMap((groupValue, groupIndex) => {
    const groupWhere = `${shape.groups}[${String(groupIndex)}]`;
    const group = objectAt(groupValue, groupWhere);
    const resource = originOf(group, groupWhere);
    return listField(group, shape.scopes, groupWhere).flatMap((scopeValue, scopeIndex) => {
      const where = `${groupWhere}.${shape.scopes}[${String(scopeIndex)}]`;
      const scoped = objectAt(scopeValue, where);
      return readScoped(scoped, shape, { origin: scopedOrigin(resource, scoped, where), where });
    });
  });
}
