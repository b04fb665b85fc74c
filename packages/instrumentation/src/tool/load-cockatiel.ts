import type * as cockatiel from "cockatiel";

export type Cockatiel = typeof cockatiel;

let loading: Promise<Cockatiel> | undefined;

/** Retries and circuit breakers; loaded at the first failure of a tool. */
export function loadCockatiel(): Promise<Cockatiel> {
  loading ??= import("cockatiel");
  return loading;
}
