import { RejectedError, messageOf } from "@plumbline/contracts";
import type { Signal } from "../receive/signal.ts";
import {
  type JsonObject,
  type JsonProblem,
  attributesProblem,
  isObject,
  itemProblem,
} from "./check-json-item.ts";
import { contentKey } from "./content-key.ts";
import { keyOf } from "./ids.ts";
import { isNestedDeeper } from "./json-depth.ts";
import { type PackedItem, type PackedResource, type PackedScope, pack, treeOf } from "./pack.ts";
import { type Rejections, type SplitLimits, type SplitResult, noRejections, reject } from "./split-result.ts";

interface JsonResource extends PackedResource {
  /** JSON text of all fields but the scopes. */
  others: string;
  problem: JsonProblem | undefined;
}

interface JsonScope extends PackedScope {
  resource: JsonResource;
  others: string;
  problem: JsonProblem | undefined;
}

/** An item that may be forwarded; its text is made only when the request has to be taken apart. */
interface ReadItem {
  key: string | null;
  scope: JsonScope;
  json: JsonObject;
}

interface JsonItem extends PackedItem {
  scope: JsonScope;
  text: string;
}

/** Objects and arrays per attribute value inside another, plus what stands around the outermost. */
const textDepthPerValue = 4;
const textDepthAround = 64;

function undecodable(message: string, cause?: unknown): RejectedError {
  return new RejectedError(message, {
    code: "UNDECODABLE",
    mend: "Send an OTLP export request in JSON.",
    cause,
  });
}

function parse(body: Uint8Array, limits: SplitLimits): JsonObject {
  if (isNestedDeeper(body, limits.maxDepth * textDepthPerValue + textDepthAround)) {
    throw new RejectedError("The JSON is nested too deeply.", {
      code: "NESTED_TOO_DEEPLY",
      mend: "Send nested structures as JSON text.",
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString("utf8"));
  } catch (error) {
    throw undecodable(`The body is not JSON: ${messageOf(error)}.`, error);
  }
  if (!isObject(parsed)) throw undecodable("The JSON is not an object.");
  return parsed;
}

/** The objects of a list that may be absent. */
function objectsOf(holder: JsonObject, name: string): JsonObject[] {
  const list = holder[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every((entry) => isObject(entry))) {
    throw undecodable(`"${name}" is not a list of objects.`);
  }
  return list;
}

const stringOf = (value: unknown): string => (typeof value === "string" ? value.toLowerCase() : "");

function without(object: JsonObject, name: string): { text: string; bytes: number } {
  const text = JSON.stringify(Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)));
  return { text, bytes: Buffer.byteLength(text) };
}

/** `{…}` with one more field. */
const withField = (object: string, name: string, json: string): string =>
  `${object.slice(0, -1)}${object === "{}" ? "" : ","}"${name}":${json}}`;

class RequestReader {
  readonly items: ReadItem[] = [];
  readonly rejections: Rejections = noRejections();
  seen = 0;
  readonly #signal: Signal;
  readonly #limits: SplitLimits;

  constructor(signal: Signal, limits: SplitLimits) {
    this.#signal = signal;
    this.#limits = limits;
  }

  readResource(json: JsonObject): void {
    const { scopes } = this.#signal.json;
    const { text, bytes } = without(json, scopes);
    const problem = this.#attributesProblem(json["resource"]);
    const resource = { others: text, overheadBytes: bytes + scopes.length + 8, problem };
    for (const scope of objectsOf(json, scopes)) this.#readScope(scope, resource);
  }

  #readScope(json: JsonObject, resource: JsonResource): void {
    const { items } = this.#signal.json;
    const { text, bytes } = without(json, items);
    const problem = resource.problem ?? this.#attributesProblem(json["scope"]);
    const scope = { resource, others: text, overheadBytes: bytes + items.length + 8, problem };
    for (const item of objectsOf(json, items)) this.#readItem(item, scope);
  }

  #attributesProblem(described: unknown): JsonProblem | undefined {
    if (described === undefined || described === null) return undefined;
    if (!isObject(described))
      return { code: "UNDECODABLE", message: "A resource or scope is not an object." };
    return attributesProblem(described["attributes"], this.#limits.maxDepth);
  }

  #readItem(json: JsonObject, scope: JsonScope): void {
    this.seen += 1;
    if (this.seen > this.#limits.maxItems) {
      throw new RejectedError(`The request holds more than ${String(this.#limits.maxItems)} items.`, {
        code: "TOO_MANY_ITEMS",
        mend: "Send smaller batches.",
      });
    }
    const problem = scope.problem ?? itemProblem(json, this.#limits.maxDepth);
    const named = problem ?? this.#nameOf(json);
    if ("code" in named) {
      reject(this.rejections, named);
      return;
    }
    this.items.push({ key: named.key, scope, json });
  }

  #nameOf(json: JsonObject): ReturnType<typeof keyOf> {
    const ids = {
      traceId: stringOf(json["traceId"]),
      spanId: stringOf(json["spanId"]),
      parentSpanId: this.#signal.idFields.parent === null ? "" : stringOf(json["parentSpanId"]),
    };
    return keyOf(ids, this.#signal.needsIds);
  }
}

function asText({ key, scope, json }: ReadItem): JsonItem {
  const text = JSON.stringify(json);
  return { key, scope, text, bytes: Buffer.byteLength(text) + 1 };
}

/** Whether the request can go on as it came: everything of one trace, nothing refused, small enough. */
function isWhole(body: Uint8Array, { items, seen }: RequestReader, limits: SplitLimits): boolean {
  const [first] = items;
  const complete = first !== undefined && items.length === seen && body.length <= limits.maxRecordBytes;
  return complete && items.every((item) => item.key === first.key);
}

function write(signal: Signal, others: string, items: readonly JsonItem[]): Uint8Array {
  const { json } = signal;
  const resources = treeOf(items).map(({ resource, scopes }) => {
    const scopeTexts = scopes.map(({ scope, items: members }) =>
      withField(scope.others, json.items, `[${members.map((member) => member.text).join(",")}]`),
    );
    return withField(resource.others, json.scopes, `[${scopeTexts.join(",")}]`);
  });
  return Buffer.from(withField(others, json.resources, `[${resources.join(",")}]`));
}

/**
 * Splits an export request in OTLP/JSON into one request per trace. Unknown fields stay.
 * @throws RejectedError when the text is no export request at all
 */
export function splitJson(body: Uint8Array, signal: Signal, limits: SplitLimits): SplitResult {
  const request = parse(body, limits);
  const { resources } = signal.json;
  const reader = new RequestReader(signal, limits);
  for (const resource of objectsOf(request, resources)) reader.readResource(resource);
  const { items, rejections, seen } = reader;
  if (isWhole(body, reader, limits)) {
    const key = items[0]?.key ?? contentKey(body);
    return { records: [{ key, value: body }], accepted: seen, rejections, warning: "" };
  }
  const others = without(request, resources);
  const rootBytes = others.bytes + resources.length + 8;
  const planned = pack(items.map(asText), { rootBytes, limits, rejections });
  const records = planned.map((record) => {
    const value = write(signal, others.text, record.items);
    return { key: record.key ?? contentKey(value), value };
  });
  const looksWrong = others.text !== "{}" && !(resources in request);
  const warning = looksWrong ? `Nothing was read: the request has no field "${resources}".` : "";
  return { records, accepted: seen - rejections.count, rejections, warning };
}
