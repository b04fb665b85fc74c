/** What the database answered, before anyone decided what it means for the caller. */
export class DatabaseError extends Error {
  /** ClickHouse's error number; undefined when no answer came at all. */
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseError";
    this.code = code;
  }
}

/** Any error of the client as a {@link DatabaseError}. */
export function toDatabaseError(thrown: unknown): DatabaseError {
  if (thrown instanceof DatabaseError) return thrown;
  if (!(thrown instanceof Error)) return new DatabaseError(String(thrown), undefined, thrown);
  const code = "code" in thrown ? Number(thrown.code) : Number.NaN;
  return new DatabaseError(thrown.message, Number.isInteger(code) ? code : undefined, thrown);
}
