import { messageOf } from "@plumbline/contracts";

/** Whatever was thrown as an error, itself where it is one. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
