const programField = /^\s*\{[^]*"(?:command|cmd|code|script|shell|bash|python|program|input_code)"\s*:/i;
const programText =
  /(?:^|\n)\s*(?:import |from \w+ import|def |class |SELECT |#!|print\(|sudo |cd |ls |cat |echo |curl |git |pip |npm )|[|&]{1,2} ?\w|\$\(|;\s*\w+ /;

/** Whether arguments are a program or command line: what it prints is its own output, not the envelope of the tool. */
export function runsProgram(argumentsText: string): boolean {
  return (
    programField.test(argumentsText) ||
    (!argumentsText.trimStart().startsWith("{") && programText.test(argumentsText))
  );
}

const printsByShell = /\b(?:echo|printf|Write-Output|Write-Host)\b/;

/**
 * Whether a line is a message the program was told to print when a probe comes out negative (`which x || echo "no x"`).
 * A message that a program prints for its own errors is no such thing: it covers a failure.
 */
export function isOwnMessage(line: string, argumentsText: string): boolean {
  const text = line.trim();
  if (text.length < 4 || !printsByShell.test(argumentsText)) return false;
  return argumentsText.includes(text) || argumentsText.includes(text.replaceAll('"', '\\"'));
}

const wrapperLine =
  /^(?:exit ?code: 0\b.*|\[exit code: 0\]|(?:code )?output:?|stdout:?|execution succeeded\.?)$/i;
const wrapperPrefix = /^(?:code )?(?:output|stdout): /i;

/** A program's output without the lines that a wrapper put around it when it ended well. */
export function withoutWrapper(result: string): string {
  const lines = result.split("\n");
  if (!/^(?:exit ?code: 0\b|\[exit code: 0\])/i.test(lines[0]?.trim() ?? "")) return result;
  return lines
    .filter((line) => !wrapperLine.test(line.trim()))
    .map((line) => line.replace(wrapperPrefix, ""))
    .join("\n");
}
