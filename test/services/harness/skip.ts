/** Says on the console what is not tested here and why; undefined when nothing stands in the way. */
export function announceSkip(subject: string, reasons: readonly (string | undefined)[]): string | undefined {
  const given = reasons.filter((reason) => reason !== undefined);
  if (given.length === 0) return undefined;
  const reason = given.join("; ");
  console.warn(`Not tested here: ${subject}. ${reason}.`);
  return reason;
}
