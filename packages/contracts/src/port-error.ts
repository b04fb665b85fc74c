import { SetupError } from "./errors.ts";

/** The error of a port that can't be opened, naming it and the setting that holds it. */
export function portError(cause: NodeJS.ErrnoException, port: number, setting: string): SetupError {
  const taken = cause.code === "EADDRINUSE" || cause.message.includes("EADDRINUSE");
  const why = taken ? "is in use by another process" : `can't be opened (${cause.code ?? cause.message})`;
  return new SetupError(`Port ${String(port)} ${why}.`, {
    code: taken ? "PORT_IN_USE" : "PORT_NOT_AVAILABLE",
    mend: `Stop that process or set ${setting} to another port.`,
    cause,
  });
}
