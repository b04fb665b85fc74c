/** A node of the database's own reading of a statement. */
export interface SyntaxNode {
  /** Such as `Function` or `TableIdentifier`. */
  type: string;
  /** What stands behind the type: a name, a literal; without alias. Empty for most. */
  value: string;
  children: SyntaxNode[];
}

const linePattern = /^( *)([A-Za-z:]+)(?: (.*))?$/;

/** The part before ` (alias …)` and ` (children …)`: cut at the first, so that no quoted name can hide what stands before it. */
function valueOf(rest: string): string {
  const text = ` ${rest}`;
  const ends = [" (alias ", " (children ", " (column "]
    .map((mark) => text.indexOf(mark))
    .filter((at) => at >= 0);
  return text.slice(1, ends.length === 0 ? undefined : Math.max(1, Math.min(...ends)));
}

/**
 * Reads the answer of EXPLAIN AST: one node per line, one space of indentation per level.
 * @throws TypeError when it is not of that form
 */
export function readSyntaxTree(lines: string): SyntaxNode {
  const root: SyntaxNode = { type: "Root", value: "", children: [] };
  const path: SyntaxNode[] = [root];
  for (const line of lines.split("\n")) {
    if (line === "") continue;
    const match = linePattern.exec(line);
    const depth = match?.[1]?.length ?? 0;
    const parent = path[depth];
    if (match === null || parent === undefined)
      throw new TypeError(`Not a syntax tree: ${JSON.stringify(line)}`);
    const node: SyntaxNode = { type: match[2] ?? "", value: valueOf(match[3] ?? ""), children: [] };
    parent.children.push(node);
    path.length = depth + 1;
    path.push(node);
  }
  return root;
}
