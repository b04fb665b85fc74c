/** A text result in the pieces that outcome signals look at; long results keep head and tail only. */
export interface ResultText {
  text: string;
  lines: readonly string[];
  firstLine: string;
  lastLine: string;
  lengthChars: number;
}

const headChars = 6000;
const tailChars = 3000;

function cut(text: string): string {
  return text.length <= headChars + tailChars
    ? text
    : `${text.slice(0, headChars)}\n${text.slice(-tailChars)}`;
}

export function readResultText(result: string): ResultText {
  const text = cut(result).replaceAll("\r", "");
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return {
    text,
    lines,
    firstLine: lines[0] ?? "",
    lastLine: lines.at(-1) ?? "",
    lengthChars: result.length,
  };
}
