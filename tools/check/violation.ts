/** One thing a house rule does not allow, and where it stands. */
export interface Violation {
  path: string;
  /** From 1. */
  line: number;
  message: string;
}

/** One tracked text file. */
export interface TextFile {
  path: string;
  text: string;
}

/** A pattern that no line may hold, and what to say when one does. */
export interface LineRule {
  pattern: RegExp;
  message: string;
}

/** Every line of a file that one of the rules forbids. */
export function violationsByLine(file: TextFile, rules: readonly LineRule[]): Violation[] {
  return file.text
    .split("\n")
    .flatMap((line, index) =>
      rules
        .filter((rule) => rule.pattern.test(line))
        .map((rule) => ({ path: file.path, line: index + 1, message: rule.message })),
    );
}
