import { RejectedError } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readStatement } from "./statement-text.ts";

const refusalOf = (sql: string): unknown => {
  try {
    return readStatement(sql).text;
  } catch (error) {
    return error;
  }
};

it("drops comments and the final semicolon, and keeps what looks like them in quotes", () => {
  const sql = `/* a */ SELECT '-- /* ; */' AS "x -- y" -- end\n, 1/**/+ 2 ;  `;
  expect(readStatement(sql).text).toBe(`SELECT '-- /* ; */' AS "x -- y"  \n, 1 + 2`);
});

it("makes no comment out of signs that a comment kept apart", () => {
  expect(readStatement("SELECT 1 -/**/- 2, 3 //**/* 4").text).toBe("SELECT 1 - - 2, 3 / * 4");
});

it("knows common table expressions by their unquoted names", () => {
  const { commonTableNames } = readStatement(
    `WITH Costly AS (SELECT 1), "quoted" AS (SELECT 2) SELECT 1 AS x`,
  );
  expect([...commonTableNames]).toEqual(["costly"]);
});

it("refuses a statement that is too long to look at", () => {
  expect(refusalOf(`SELECT ${"1 + ".repeat(30_000)} 1`)).toBeInstanceOf(RejectedError);
});

it("refuses, or gives a text that reads as itself, whatever it is given", () => {
  const piece = fc.constantFrom(
    "SELECT",
    "'",
    '"',
    "`",
    "--",
    "/*",
    "*/",
    ";",
    "\\",
    "a",
    "1e-",
    "\n",
    "$$",
    "{",
    "''",
    "é",
    "\0",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(" ")),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (rest) => {
      const read = refusalOf(`SELECT ${rest}`);
      if (typeof read === "string") expect(refusalOf(read)).toBe(read);
      else expect(read).toBeInstanceOf(RejectedError);
    }),
    { numRuns: 2000 },
  );
});
