const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;

/** JSON text of a value; 64-bit integers, rare as they are, count as the text of their digits. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // A replacer makes writing several times slower, so it is used only where a bigint stands in the way.
    return JSON.stringify(value, bigintAsText);
  }
}
