import { stripVTControlCharacters } from "node:util";

export interface Column {
  title: string;
  align?: "left" | "right";
  /** Cells are cut to this many characters. */
  maxWidth?: number;
}

/** Characters a terminal shows; colour codes count nothing. */
const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;

/** One line of at most `maxWidth` characters: line breaks become spaces, the rest is cut with an ellipsis. */
export function oneLine(text: string, maxWidth: number): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  const characters = Array.from(flat);
  return characters.length <= maxWidth ? flat : `${characters.slice(0, Math.max(0, maxWidth - 1)).join("")}…`;
}

function padded(text: string, width: number, align: Column["align"]): string {
  const gap = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? gap + text : text + gap;
}

/** Rows as aligned columns under their titles. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) =>
    columns.map(({ maxWidth }, index) =>
      maxWidth === undefined ? (row[index] ?? "") : oneLine(row[index] ?? "", maxWidth),
    ),
  );
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]?.align))
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].join("\n");
}
