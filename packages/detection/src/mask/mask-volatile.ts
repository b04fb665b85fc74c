/** What changes from call to call without meaning anything: times, durations, request ids, addresses. */
const volatileParts = new RegExp(
  [
    String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?`,
    String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:\d{1,2} )?(?:\d{4} )?\d\d:\d\d:\d\d(?: [A-Z]{3,4})?(?: \d{4})?`,
    String.raw`\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b`,
    String.raw`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`,
    String.raw`\b0x[0-9a-fA-F]{6,}\b`,
    String.raw`\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b`,
    String.raw`\b(?:req|request|trace|span|corr|correlation|session|sess|job-run|rid)[_-](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,}\b`,
    String.raw`\b1[4-9]\d{8}(?:\.\d+|\d{3})?\b`,
    String.raw`\b\d+(?:\.\d+)? ?(?:ms|µs|us|ns|milliseconds?|secs?|seconds?)\b`,
    String.raw`\b\d+\.\d+ ?s\b`,
    String.raw`\b(?:pid|PID|tid)[ =:]\d+\b`,
    // Fields of an answer that are about the answer.
    String.raw`"(?:[Dd]uration|[Ee]lapsed|[Ll]atency|[Tt]ook|(?:response|query|processing|execution)_?[Tt]ime)(?:_?(?:[Mm]s|[Mm]illis|s|sec|[Ss]econds))?" ?: ?"?\d+(?:\.\d+)?"?`,
    String.raw`"(?:[Rr]equest|[Tt]race|[Ss]pan|[Cc]orrelation)(?:_i|I)d" ?: ?"?[\w-]+"?`,
  ].join("|"),
  "g",
);

/** Mask written in place of a volatile part. */
export const maskMark = "\u00b7";

/** A text with its volatile parts masked. */
export const maskLines = (text: string): string =>
  /\d/.test(text) ? text.replaceAll(volatileParts, maskMark) : text;

/** A text with its white space collapsed. */
export const onOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** A result with its volatile parts masked and its white space collapsed: equal texts say the same. */
export const maskVolatile = (text: string): string => onOneLine(maskLines(text));
