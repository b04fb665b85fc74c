import type { Clock } from "@plumbline/contracts";
import type { OperatorClient } from "./api/operator-client.ts";

/** What every command gets from outside. */
export interface CommandContext {
  clock: Clock;
  environment: Readonly<Record<string, string | undefined>>;
  /** Connects on first use, so that commands that need no server need none. */
  client(): OperatorClient;
  print(text: string): void;
  printError(text: string): void;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
  /** Ends the process as it is, whatever its threads are about. */
  die(): void;
}

export interface JsonOption {
  json?: boolean;
}

/** Prints the value itself for programs, or its form for people. */
export function printResult<Value>(
  context: CommandContext,
  value: Value,
  choice: { json: boolean | undefined; format: (value: Value) => string },
): void {
  context.print(choice.json === true ? JSON.stringify(value) : choice.format(value));
}
