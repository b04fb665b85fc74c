export type Misuse = "unknown-tool" | "bad-arguments";

const unknownTool =
  /\b(?:unknown|invalid|unrecogni[sz]ed|undefined|no such) (?:tool|function|action)\b|\b(?:tool|function|action)\b[^.\n]{0,60}\b(?:not found|does not exist|is not (?:registered|available|defined|known|a valid)|not (?:registered|available|defined))\b/i;
const badArguments =
  /\b(?:missing (?:\d+ )?required|required (?:property|parameter|argument|field)|unexpected keyword argument|(?:schema|input|argument|parameter) validation|validation error|invalid (?:arguments?|parameters?|type|json)|(?:arguments?|parameters?) (?:is|are) (?:missing|required|invalid)|is a required)\b/i;

/** What a failure says about how the tool was called. */
export function misuseOf(failureText: string): Misuse | null {
  const text = failureText.slice(0, 1500);
  if (unknownTool.test(text)) return "unknown-tool";
  return badArguments.test(text) ? "bad-arguments" : null;
}
