import type { Attributes } from "@plumbline/contracts";

/** Flattened keys come from the wire: deeper ones are cut, longer lists as well. */
const maxDepth = 12;
const maxIndex = 10_000;

type Node = Map<string, unknown>;

const isNode = (value: unknown): value is Node => value instanceof Map;

/** Up to five digits, and no more than the longest list. */
function isIndex(segment: string): boolean {
  if (segment.length === 0 || segment.length > 5) return false;
  for (let at = 0; at < segment.length; at += 1) {
    const digit = segment.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return false;
  }
  return Number(segment) <= maxIndex;
}

function isList(node: Node): boolean {
  for (const key of node.keys()) if (!isIndex(key)) return false;
  return node.size > 0;
}

function settled(node: unknown): unknown {
  if (!isNode(node)) return node;
  if (isList(node)) {
    return [...node]
      .sort(([first], [second]) => Number(first) - Number(second))
      .map(([, inner]) => settled(inner));
  }
  const object: Record<string, unknown> = {};
  for (const [key, inner] of node) if (key !== "__proto__") object[key] = settled(inner);
  return object;
}

/** Puts a value where the rest of its key, from `start` on, says. */
function place(root: Node, { key, start }: { key: string; start: number }, value: unknown): void {
  let node = root;
  let from = start;
  let dot = key.indexOf(".", from);
  for (let depth = 1; dot >= 0 && depth < maxDepth; depth += 1) {
    const segment = key.slice(from, dot);
    const inner = node.get(segment);
    const next: Node = isNode(inner) ? inner : new Map();
    if (next !== inner) node.set(segment, next);
    node = next;
    from = dot + 1;
    dot = key.indexOf(".", from);
  }
  const last = dot < 0 ? key.slice(from) : key.slice(from, dot);
  if (!isNode(node.get(last))) node.set(last, value);
}

/**
 * Rebuilds what an emitter flattened: `prefix.0.message.role = user` becomes `[{message: {role: "user"}}]`.
 * Numbered levels become lists, in order, gaps closed.
 * @returns undefined when no attribute begins with the prefix
 */
export function unflatten(attributes: Attributes, prefix: string): unknown {
  const root: Node = new Map();
  const start = prefix.length + 1;
  for (const key of Object.keys(attributes)) {
    if (key.startsWith(prefix) && key[prefix.length] === ".") place(root, { key, start }, attributes[key]);
  }
  return root.size === 0 ? undefined : settled(root);
}
