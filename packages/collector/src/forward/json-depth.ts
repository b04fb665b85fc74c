const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Position of the quote that ends the string which began before `from`. */
function endOfString(bytes: Uint8Array, from: number): number {
  let position = from;
  while (position < bytes.length && bytes[position] !== quote) {
    position += bytes[position] === backslash ? 2 : 1;
  }
  return position;
}

/** Whether JSON text nests objects and arrays deeper than a limit; looked at before anything recursive touches it. */
export function isNestedDeeper(bytes: Uint8Array, deepest: number): boolean {
  let depth = 0;
  for (let position = 0; position < bytes.length; position += 1) {
    const byte = bytes[position];
    if (byte === quote) position = endOfString(bytes, position + 1);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}
