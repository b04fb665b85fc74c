import { RejectedError } from "@plumbline/contracts";
import { isAllowedFunction } from "./allowed-functions.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** What the names in a statement are checked against. */
export interface NameRules {
  database: string;
  /** Tables and views that may be read. */
  tables: ReadonlySet<string>;
  /** What else there is in the database. A common table expression of that name may not be in scope where it is read. */
  hiddenTables: ReadonlySet<string>;
  commonTableNames: ReadonlySet<string>;
  /** Every database of the server, lower case. */
  databases: ReadonlySet<string>;
  /** Every function of the server, lower case. */
  functions: ReadonlySet<string>;
}

const allowedTypes: ReadonlySet<string> = new Set([
  "ArrayJoin",
  "Asterisk",
  "ColumnsExceptTransformer",
  "ColumnsListMatcher",
  "ColumnsRegexpMatcher",
  "ColumnsReplaceTransformer",
  "ColumnsReplaceTransformer::Replacement",
  "ColumnsTransformerList",
  "ExpressionList",
  "Function",
  "Identifier",
  "InterpolateElement",
  "Literal",
  "OrderByElement",
  "QualifiedAsterisk",
  "QualifiedColumnsListMatcher",
  "QualifiedColumnsRegexpMatcher",
  "SampleRatio",
  "SelectIntersectExceptQuery",
  "SelectQuery",
  "SelectWithUnionQuery",
  "Subquery",
  "TableExpression",
  "TableIdentifier",
  "TableJoin",
  "TablesInSelectQuery",
  "TablesInSelectQueryElement",
  "WindowDefinition",
  "WindowListElement",
  "WithElement",
]);

function refuse(what: string, mend: string): never {
  throw new RejectedError(`This query is not allowed: ${what}.`, { code: "SQL_NOT_ALLOWED", mend });
}

function checkTable(name: string, rules: NameRules): void {
  const own = `${rules.database}.`;
  const isQualified = name.startsWith(own);
  if (rules.tables.has(isQualified ? name.slice(own.length) : name)) return;
  const isCommonTable = !name.includes(".") && rules.commonTableNames.has(name.toLowerCase());
  if (isCommonTable && !rules.hiddenTables.has(name)) return;
  refuse(`it reads ${name}`, `The tables are ${[...rules.tables].join(", ")}.`);
}

/**
 * A name may be a column, an alias, or, at the right of IN, a table; and at the place of a lambda a function. So no name may begin
 * with another database or be a function that must not be called.
 */
function checkName(name: string, rules: NameRules): void {
  const first = name.split(".", 1)[0]?.toLowerCase() ?? "";
  if (name.includes(".") && first !== rules.database && rules.databases.has(first)) {
    refuse(`${name} names the database ${first}`, "Give the table another alias.");
  }
  if (name.startsWith(`${rules.database}.`)) checkOwnName(name, rules);
  if (rules.hiddenTables.has(name)) checkTable(name, rules);
  if (rules.functions.has(name.toLowerCase()) && !isAllowedFunction(name)) {
    refuse(
      `${name} is the name of a function that is not allowed`,
      "Write a column of this name as table.column.",
    );
  }
}

/** `plumbline.table` or `plumbline.table.column`. */
function checkOwnName(name: string, rules: NameRules): void {
  const [, table = ""] = name.split(".");
  if (!rules.tables.has(table)) checkTable(name, rules);
}

function checkFunction(node: SyntaxNode, parent: SyntaxNode): void {
  if (parent.type === "TableExpression") {
    refuse(`it reads from the table function ${node.value}`, "Read from a table or a subquery.");
  }
  if (!isAllowedFunction(node.value)) {
    refuse(`it calls ${node.value}`, "Only functions on values that read nothing else are allowed.");
  }
}

function checkNode(node: SyntaxNode, parent: SyntaxNode, rules: NameRules): void {
  if (!allowedTypes.has(node.type)) refuse(`it uses ${node.type}`, "Write it without.");
  if (node.type === "Function") checkFunction(node, parent);
  if (node.type === "TableIdentifier") checkTable(node.value, rules);
  if (node.type === "Identifier") checkName(node.value, rules);
  for (const child of node.children) checkNode(child, node, rules);
}

/** @throws RejectedError naming what is not allowed */
export function checkTree(root: SyntaxNode, rules: NameRules): void {
  const [query, more] = root.children;
  if (query?.type !== "SelectWithUnionQuery" || more !== undefined) {
    refuse("it is not one SELECT", "Write one SELECT.");
  }
  checkNode(query, root, rules);
}
