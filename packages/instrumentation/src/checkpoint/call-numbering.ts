import { hash } from "node:crypto";
import type { ActionRecord } from "./run-snapshot.ts";
import type { Action } from "./transition.ts";

/** Which call of a run it is: the same tool with the same arguments, counted from 0. */
export type NumberedCall = Pick<Action, "callHash" | "occurrence">;

/** Owns: how often each call of a run was made, and which of these calls the agent has no result of yet. */
export class CallNumbering {
  private readonly occurrences: Map<string, number>;
  /** Calls whose results the agent has not got yet. */
  private readonly open = new Map<string, NumberedCall>();
  /** Calls of an earlier process that this one settles without the agent making them. */
  private readonly takenUp = new Set<string>();

  /** @param occurrences by call hash, as they were with the state that the run goes on from */
  constructor(occurrences: Readonly<Record<string, number>>) {
    this.occurrences = new Map(Object.entries(occurrences));
  }

  /** A tool and its arguments are called, once more. */
  next(call: string): NumberedCall {
    const callHash = hash("sha256", call, "hex").slice(0, 32);
    const occurrence = this.occurrences.get(callHash) ?? 0;
    this.occurrences.set(callHash, occurrence + 1);
    return { callHash, occurrence };
  }

  /** The result of a call is in no saved state before {@link end}. */
  begin(callKey: string, call: NumberedCall): void {
    this.open.set(callKey, call);
  }

  /** The same for one that the agent does not make again. */
  takeUp(callKey: string, call: NumberedCall): void {
    this.takenUp.add(callKey);
    this.begin(callKey, call);
  }

  /** The call comes again: unless others were made like it since, it is no other one then. */
  takeBack(callKey: string): void {
    const made = this.open.get(callKey);
    if (made === undefined || this.occurrences.get(made.callHash) !== made.occurrence + 1) return;
    this.occurrences.set(made.callHash, made.occurrence);
  }

  underWay(callKey: string): NumberedCall | undefined {
    return this.open.get(callKey);
  }

  end(callKey: string): void {
    this.open.delete(callKey);
  }

  /** By call, how many the agent has seen the results of: what a state that is saved now may hold. */
  seen(actions: readonly ActionRecord[]): Record<string, number> {
    for (const { action, phase } of actions) {
      // An action that was taken up and settled is as good as called: the next such call is another one.
      const { callKey, callHash, occurrence } = action;
      const counted = this.occurrences.get(callHash) ?? 0;
      if (phase !== "started" && this.takenUp.has(callKey))
        this.occurrences.set(callHash, Math.max(counted, occurrence + 1));
    }
    const seen = Object.fromEntries(this.occurrences);
    for (const { callHash, occurrence } of this.open.values())
      seen[callHash] = Math.min(seen[callHash] ?? 0, occurrence);
    return seen;
  }
}
