import { hash32 } from "./hash.ts";
import { maskVolatile } from "../mask/mask-volatile.ts";
import { tokensOf } from "./words.ts";

const failingLine =
  /\b(?:FAILED|FAIL|FAILURES?|ERROR|AssertionError|[A-Z]\w*(?:Error|Exception)|not ok|error(?:\[\w+\])?:|error TS\d+|fatal:|panic:|cannot|could not|no such|not found|denied|refused|invalid|undefined|unexpected|rejected)\b|✗|✘|×/;
const failingCheck =
  /^(?:FAILED\b|FAIL\b|not ok\b|--- FAIL|✗|✘|×|E {2,}\S|.*\bAssertionError\b|.*\b[1-9]\d* (?:tests? )?(?:failed|failing|failures?|errors?)\b)|\berror(?:\[\w+\]| TS\d+):|\btests? failed\b|^\S+\.\w{1,5}:\d+:\d+:? (?:\w+ )?(?:error|undefined|undeclared|cannot|could not|fatal|expected|unexpected|missing|unknown|unresolved|not)\b/im;
const checkChars = { head: 6000, tail: 3000 } as const;
const maxLines = 6;
const maxTokens = 32;

/** Where in a file something is: `line 12`, `main.go:12:5`, `a.ts(12,5)`. */
const places =
  /\b(?:line|row|column|col|position|char|offset|at) \d+\b|(?<=\.[a-z]\w{0,4}):\d+(?::\d+)?\b|(?<=\.[a-z]\w{0,4})\(\d+(?:,\d+)?\)/gi;

/** Whether an otherwise working call reports that a check did not pass (tests, linters, compilers). */
export function reportsFailingCheck(result: string): boolean {
  if (result.length <= checkChars.head) return failingCheck.test(result);
  return (
    failingCheck.test(result.slice(0, checkChars.head)) || failingCheck.test(result.slice(-checkChars.tail))
  );
}

/**
 * What failed and how: words and entities of the failing lines, without volatile parts, digits of places in a file,
 * and without what the arguments of the call echo.
 */
export function failureFingerprint(result: string, echoed: ReadonlySet<string>, seed: number): number {
  const lines = result
    .slice(0, 8000)
    .split("\n")
    .concat(result.length > 8000 ? result.slice(-2000).split("\n") : []);
  const failing = lines.filter((line) => failingLine.test(line));
  const chosen = (failing.length === 0 ? lines.slice(0, 4) : failing.slice(0, maxLines)).join("\n");
  const { stems, entities } = tokensOf(maskVolatile(chosen).replaceAll(places, ""));
  const own = [...stems, ...entities].filter((token) => !echoed.has(token)).slice(0, maxTokens);
  // Of many failures the first ones are read: fewer of them are another failure.
  const rest = failing.length > maxLines ? ` ${String(failing.length)}` : "";
  return hash32([...new Set(own)].sort().join(" ") + rest, seed);
}
