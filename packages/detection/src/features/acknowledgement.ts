const acknowledging = new Set(
  (
    "ok okay done success successful successfully true yes ack acknowledged noted logged recorded received accepted " +
    "saved stored written thanks null none status result message code entry note log event"
  ).split(" "),
);
const maxChars = 80;

/** Whether a result says no more than that the call arrived: nothing can be told from it, and nothing depends on it. */
export function isAcknowledgement(masked: string): boolean {
  if (masked === "" || masked.length > maxChars) return false;
  const words = masked.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length > 0 && words.every((word) => acknowledging.has(word) || word === "200");
}
