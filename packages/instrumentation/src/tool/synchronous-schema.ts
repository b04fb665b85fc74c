import type { z } from "zod";

/** Kinds of schemas that check nothing by functions of the application. */
const plainTypes: ReadonlySet<unknown> = new Set([
  ..."string number int boolean bigint date null undefined any unknown never literal enum".split(" "),
  ..."object array tuple record union intersection".split(" "),
  ..."optional nullable nonoptional default prefault readonly".split(" "),
]);
/** Functions that can't answer later: messages, what trims or lowers a text, whether a check applies. */
const synchronousFunctions: ReadonlySet<string> = new Set(["error", "tx", "when"]);

type Node = Pick<z.ZodType, "_zod">;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "_zod" in value;

/** Schemas and checks that stand in a member of a definition, be it one, a list, or the shape of an object. */
function nodesIn(member: unknown): Node[] {
  if (isNode(member)) return [member];
  return typeof member === "object" && member !== null ? Object.values(member).filter(isNode) : [];
}

function isPlain(definition: object): boolean {
  const { type, check } = definition as { type?: unknown; check?: unknown };
  if (check === "custom" || (type !== undefined && !plainTypes.has(type))) return false;
  return Object.entries(definition).every(
    ([name, member]) => typeof member !== "function" || synchronousFunctions.has(name),
  );
}

/**
 * Whether the schema surely checks at once, so that nobody has to wait for it; false where a function of the application
 * (refine, transform, lazy) might answer later.
 */
export function isSynchronous(schema: z.ZodType): boolean {
  const seen = new Set<Node>();
  const open: Node[] = [schema];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const definition: object = node._zod.def;
    if (!isPlain(definition)) return false;
    open.push(...Object.values(definition).flatMap(nodesIn));
  }
  return true;
}
