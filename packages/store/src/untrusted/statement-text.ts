import { RejectedError } from "@plumbline/contracts";

/** A statement as it will run: without comments and final semicolon, and without anything that two readers could read differently. */
export interface StatementText {
  text: string;
  /** Unquoted names of the form `name AS (`: common table expressions, lower case. */
  commonTableNames: ReadonlySet<string>;
}

type TokenKind = "space" | "comment" | "word" | "name" | "text" | "number" | "sign" | "end";

interface Token {
  kind: TokenKind;
  text: string;
}

/** Sticky, tried in this order. Quoted names take no escapes, so that no reader can see another end of them. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /[ \t\r\n]+/y],
  ["comment", /--[^\n]*|\/\*[^]*?\*\//y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["name", /"[\p{L}\p{N}\p{P}\p{S} ]+?"|`[\p{L}\p{N}\p{P}\p{S} ]+?`/uy],
  ["text", /'(?:[^'\\\0]|\\[^\0]|'')*'/y],
  ["number", /[0-9](?:[A-Za-z0-9_.]|(?<=[eE])[+-])*/y],
  ["sign", /<=>|->|::|\|\||[<>!=]=|<>|[-+*/%(),.[\]<>=?:^]/y],
  ["end", /;/y],
];

/** Words that end the statement's own part and begin what we say about it, or that hide a function's name. */
const forbiddenWords: ReadonlySet<string> = new Set([
  "apply",
  "describe",
  "explain",
  "format",
  "infile",
  "into",
  "outfile",
  "settings",
  "show",
]);

function refuse(what: string): never {
  throw new RejectedError(`This query is not allowed: ${what}.`, {
    code: "SQL_NOT_ALLOWED",
    mend: "Write one SELECT over the tables and views of Plumbline.",
  });
}

function tokenAt(sql: string, position: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const match = pattern.exec(sql);
    if (match !== null) return { kind, text: match[0] };
  }
  const sign = JSON.stringify(String.fromCodePoint(sql.codePointAt(position) ?? 0));
  return refuse(`${sign} at position ${String(position + 1)} is not understood here`);
}

function checkToken(token: Token): void {
  if (token.kind === "word" && forbiddenWords.has(token.text.toLowerCase())) {
    refuse(`it says ${token.text.toUpperCase()} (as a name, put it in double quotes)`);
  }
  // A backslash or a doubled quote in a name would be an escape for the database.
  if (token.kind === "name" && token.text.includes("\\")) refuse("a quoted name holds a backslash");
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < sql.length) {
    const token = tokenAt(sql, position);
    checkToken(token);
    position += token.text.length;
    tokens.push(token);
  }
  return tokens;
}

const carriesMeaning = ({ kind }: Token): boolean => kind !== "space" && kind !== "comment";

/** A name directly after a name or a text after a text would read as one with a doubled quote in it. */
function refuseAdjacentQuotes(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.kind === "name" && next?.kind === "name") refuse("two quoted names touch");
  }
}

function refuseOtherStatements(meaningful: readonly Token[]): void {
  const end = meaningful.findIndex((token) => token.kind === "end");
  if (end >= 0 && end < meaningful.length - 1) refuse("it is more than one statement");
  const first = meaningful.find((token) => token.text !== "(")?.text.toLowerCase();
  if (first !== "select" && first !== "with") refuse("it does not begin with SELECT or WITH");
}

function commonTableNamesOf(meaningful: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (const [index, token] of meaningful.entries()) {
    const isName = token.kind === "word";
    const follows = meaningful[index + 1]?.text.toLowerCase() === "as" && meaningful[index + 2]?.text === "(";
    if (isName && follows) names.add(token.text.toLowerCase());
  }
  return names;
}

/**
 * Reads a statement so strictly that nothing in it can mean something else to the database: no heredocs, parameters, variables,
 * escapes in names, control characters or signs outside ASCII (but in quotes).
 * @throws RejectedError naming what is not allowed
 */
export function readStatement(sql: string): StatementText {
  if (sql.length > 100_000) refuse("it is longer than 100,000 characters");
  const tokens = tokensOf(sql);
  refuseAdjacentQuotes(tokens);
  const meaningful = tokens.filter(carriesMeaning);
  refuseOtherStatements(meaningful);
  const text = tokens
    .filter((token) => token.kind !== "end")
    .map((token) => (token.kind === "comment" ? " " : token.text))
    .join("")
    .trim();
  return { text, commonTableNames: commonTableNamesOf(meaningful) };
}
