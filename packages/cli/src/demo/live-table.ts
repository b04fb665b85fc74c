/** A block of text that is rewritten in a terminal and appended, when it changed, anywhere else. */
export interface LiveTable {
  show(text: string): void;
  finish(text: string): void;
}

export function createLiveTable(stream: NodeJS.WriteStream): LiveTable {
  let shownLines = 0;
  let shownText = "";

  function rewrite(text: string): void {
    const up = shownLines > 0 ? `\u001b[${String(shownLines)}A\u001b[0J` : "";
    stream.write(`${up}${text}\n`);
    shownLines = text.split("\n").length;
  }

  /** Only the lines that differ from what was shown before. */
  function append(text: string): void {
    const known = new Set(shownText.split("\n"));
    const fresh = text.split("\n").filter((line) => !known.has(line));
    if (fresh.length > 0) stream.write(`${fresh.join("\n")}\n`);
  }

  function show(text: string): void {
    if (text === shownText) return;
    if (stream.isTTY) rewrite(text);
    else append(text);
    shownText = text;
  }

  return { show, finish: show };
}
