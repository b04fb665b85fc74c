import { RejectedError } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { isAllowedFunction } from "./allowed-functions.ts";
import { type NameRules, checkTree } from "./check-tree.ts";
import { readSyntaxTree } from "./syntax-tree.ts";

const rules: NameRules = {
  database: "plumbline",
  tables: new Set(["steps"]),
  hiddenTables: new Set(["ledger"]),
  commonTableNames: new Set(["costly", "ledger"]),
  databases: new Set(["plumbline", "system"]),
  functions: new Set(["count", "file"]),
};

/** A SELECT of one expression from one table, as the database's parser tells it. */
function check(expression: string, table: string): void {
  const lines = `SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 1)
    ${expression}
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      ${table}
`;
  checkTree(readSyntaxTree(lines), rules);
}

describe("the check of a statement's syntax tree", () => {
  it.each(["TableIdentifier steps", "TableIdentifier plumbline.steps (alias s)", "TableIdentifier costly"])(
    "allows %s",
    (table) => {
      expect(() => check("Function count (alias n) (children 1)", table)).not.toThrow();
    },
  );

  it.each([
    "TableIdentifier system.users",
    "TableIdentifier other",
    "TableIdentifier ledger",
    "TableIdentifier plumbline.other",
    "TableIdentifier plumbline.costly",
    "TableIdentifier system.users (alias steps)",
    "Function numbers (alias steps) (children 1)",
  ])("refuses to read %s", (table) => {
    expect(() => check("Asterisk", table)).toThrow(RejectedError);
  });

  it.each([
    "Function file (alias count)",
    "Identifier file (alias x)",
    "Identifier FILE",
    "Identifier system.one",
    "Identifier ledger",
    "Identifier plumbline.other",
    "QueryParameter a_String",
    "ColumnsApplyTransformer",
    "Set",
  ])("refuses %s", (expression) => {
    expect(() => check(expression, "TableIdentifier steps")).toThrow(RejectedError);
  });

  it("refuses what is more than one statement, or none", () => {
    expect(() => checkTree(readSyntaxTree("SelectWithUnionQuery\nSelectWithUnionQuery\n"), rules)).toThrow(
      RejectedError,
    );
    expect(() => checkTree(readSyntaxTree("InsertQuery\n"), rules)).toThrow(RejectedError);
    expect(() => checkTree(readSyntaxTree(""), rules)).toThrow(RejectedError);
  });

  it("does not take lines for a tree that are none", () => {
    expect(() => readSyntaxTree("  deep\n")).toThrow(TypeError);
    expect(() => readSyntaxTree("{}\n")).toThrow(TypeError);
  });
});

describe("the functions that people may call", () => {
  it("include aggregate functions with any combinators", () => {
    expect(
      ["sumIf", "quantileExactArrayIf", "uniqMerge", "COUNT", "anyLastOrNull"].filter(isAllowedFunction),
    ).toHaveLength(5);
  });

  it("do not become allowed by a combinator's ending", () => {
    expect(["fileIf", "urlState", "if_", "lengthIf", "If"].filter(isAllowedFunction)).toEqual(["If"]);
  });
});
