import { type Rejections, type SplitLimits, reject } from "./split-result.ts";

/** What a record repeats around the items of one resource. */
export interface PackedResource {
  overheadBytes: number;
}

/** What a record repeats around the items of one scope. */
export interface PackedScope {
  resource: PackedResource;
  overheadBytes: number;
}

export interface PackedItem {
  /** Trace id; null for a log record without one. */
  key: string | null;
  scope: PackedScope;
  bytes: number;
}

/** Items that go into one record, in the order in which they came. */
export interface PlannedRecord<Item extends PackedItem> {
  key: string | null;
  items: Item[];
  bytes: number;
}

interface PackOptions {
  /** Bytes that every record holds besides its resources. */
  rootBytes: number;
  limits: SplitLimits;
  rejections: Rejections;
}

function bytesToAdd(item: PackedItem, before: PackedItem | undefined): number {
  const scopeBytes = item.scope === before?.scope ? 0 : item.scope.overheadBytes;
  const resourceBytes =
    item.scope.resource === before?.scope.resource ? 0 : item.scope.resource.overheadBytes;
  return item.bytes + scopeBytes + resourceBytes;
}

/** Whether an item may be forwarded at all; refuses it with the reason otherwise. */
function fits(
  item: PackedItem,
  forwardedBytes: number,
  { rootBytes, limits, rejections }: PackOptions,
): boolean {
  const alone = rootBytes + bytesToAdd(item, undefined);
  if (alone > limits.maxRecordBytes) {
    const message = `One needs ${String(alone)} bytes with its resource, more than ${String(limits.maxRecordBytes)}. Cut long attributes in the sender.`;
    reject(rejections, { code: "TOO_LARGE", message });
    return false;
  }
  if (forwardedBytes + alone > limits.maxForwardedBytes) {
    const message = `Split by trace the request needs more than ${String(limits.maxForwardedBytes)} bytes. Send smaller batches or a smaller resource.`;
    reject(rejections, { code: "TOO_MUCH", message });
    return false;
  }
  return true;
}

/** Groups items by key, in order of first sight, into records that hold at most the limit. */
export function pack<Item extends PackedItem>(
  items: readonly Item[],
  options: PackOptions,
): PlannedRecord<Item>[] {
  const open = new Map<string | null, PlannedRecord<Item>>();
  const planned: PlannedRecord<Item>[] = [];
  let forwardedBytes = 0;
  for (const item of items) {
    if (!fits(item, forwardedBytes, options)) continue;
    let record = open.get(item.key);
    let added = bytesToAdd(item, record?.items.at(-1));
    if (record === undefined || record.bytes + added > options.limits.maxRecordBytes) {
      record = { key: item.key, items: [], bytes: options.rootBytes };
      forwardedBytes += options.rootBytes;
      added = bytesToAdd(item, undefined);
      open.set(item.key, record);
      planned.push(record);
    }
    record.items.push(item);
    record.bytes += added;
    forwardedBytes += added;
  }
  return planned;
}

/** The items of a record as the tree they came in. */
export interface RecordTree<Item extends PackedItem> {
  resource: Item["scope"]["resource"];
  scopes: { scope: Item["scope"]; items: Item[] }[];
}

export function treeOf<Item extends PackedItem>(items: readonly Item[]): RecordTree<Item>[] {
  const tree: RecordTree<Item>[] = [];
  for (const item of items) {
    let branch = tree.at(-1);
    if (branch?.resource !== item.scope.resource || branch === undefined) {
      branch = { resource: item.scope.resource, scopes: [] };
      tree.push(branch);
    }
    let twig = branch.scopes.at(-1);
    if (twig?.scope !== item.scope || twig === undefined) {
      twig = { scope: item.scope, items: [] };
      branch.scopes.push(twig);
    }
    twig.items.push(item);
  }
  return tree;
}
