import canonicalize from "canonicalize";

/** Arguments in one spelling, so that two spellings of the same call count as the same. */
export function canonicalArguments(text: string): string {
  try {
    return canonicalize(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}
