import type { Commit } from "@plumbline/bus";

/*
 * Owns: the note beside a committed offset that says where the range ends which is being stored from there.
 */

/** The note of a range that ends before offset `to`. */
export const noteOf = (to: number): string => JSON.stringify({ to });

/** Where the range ends that an earlier owner planned and did not finish; undefined when it finished what it planned. */
export function plannedEndOf(committed: Commit | undefined): number | undefined {
  if (committed === undefined || committed.metadata === "") return undefined;
  const parsed = JSON.parse(committed.metadata) as { to?: unknown };
  return typeof parsed.to === "number" ? parsed.to : undefined;
}
