import { denies } from "./denial.ts";

const acknowledging = new Set(
  (
    "ok okay done success successful successfully true yes ack acknowledged noted logged recorded received accepted " +
    "saved stored written thank thanks you null none status result message code entry note log event"
  ).split(" "),
);
const maxChars = 80;
const markup = /<[^<>]{1,60}>/g;

/** A sentence of a few words that says of something that it was done, and nothing else: no number, no name, no reason. */
const reportsDone =
  /^[\p{L}\p{N} _./'"-]{1,60}\b(?:(?:has|have) been|was|were)(?: \p{L}+ly)? (\p{L}+(?:ed|en|nt))(?: successfully)?[.!]?$/u;
const maxWords = 9;

function onlyReportsDone(text: string, words: readonly string[]): boolean {
  return words.length <= maxWords && !/\d/.test(text) && !denies(text) && reportsDone.test(text);
}

/** Whether a result says no more than that the call arrived: nothing can be told from it, and nothing depends on it. */
export function isAcknowledgement(masked: string): boolean {
  if (masked === "" || masked.length > maxChars) return false;
  const text = masked.replaceAll(markup, " ").trim();
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return false;
  return words.every((word) => acknowledging.has(word) || word === "200") || onlyReportsDone(text, words);
}
