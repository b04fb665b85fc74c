import type { Attributes } from "@plumbline/contracts";

/** Flattened keys come from the wire: deeper ones are cut, longer lists as well. */
const maxDepth = 12;
const maxIndex = 10_000;

interface Node {
  [key: string]: unknown;
}

const isIndex = (segment: string): boolean => /^\d{1,5}$/.test(segment) && Number(segment) <= maxIndex;

function settled(node: unknown): unknown {
  if (typeof node !== "object" || node === null || !(node instanceof Map)) return node;
  const entries = [...(node as Map<string, unknown>)];
  if (entries.length > 0 && entries.every(([key]) => isIndex(key))) {
    return entries
      .toSorted(([first], [second]) => Number(first) - Number(second))
      .map(([, inner]) => settled(inner));
  }
  const object: Node = {};
  for (const [key, inner] of entries) if (key !== "__proto__") object[key] = settled(inner);
  return object;
}

/**
 * Rebuilds what an emitter flattened: `prefix.0.message.role = user` becomes `[{message: {role: "user"}}]`.
 * Numbered levels become lists, in order, gaps closed.
 * @returns undefined when no attribute begins with the prefix
 */
export function unflatten(attributes: Attributes, prefix: string): unknown {
  const root = new Map<string, unknown>();
  const start = `${prefix}.`;
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(start)) continue;
    const path = key.slice(start.length).split(".", maxDepth);
    const last = path.pop() ?? "";
    let node = root;
    for (const segment of path) {
      const inner = node.get(segment);
      const next = inner instanceof Map ? (inner as Map<string, unknown>) : new Map<string, unknown>();
      node.set(segment, next);
      node = next;
    }
    if (!(node.get(last) instanceof Map)) node.set(last, value);
  }
  return root.size === 0 ? undefined : settled(root);
}
