import { deflateRawSync, inflateRawSync } from "node:zlib";
import { oncePerObject } from "@plumbline/contracts";
import type { RunState } from "./run-state.ts";

/*
 * Owns: the two forms in which a run is held and written down, and that nothing changes between them.
 * Does not own: where it is held (run-table), when it is written down (snapshot-writer).
 */

/** A run as it is, or packed to about a third of its JSON. */
export interface HeldRun {
  form: RunState | Uint8Array;
  /** Timers before then change nothing; 0 when that is not known. */
  quietUntilMs: number;
}

/** What is saved by packing closer is not worth the time. */
const level = 1;

/** Runs packed in one piece of work: so few that no verdict is held up for long. */
export const runsPerTurn = 4;

/** States are never changed in place: one that was written down and then left alone is packed already. */
const packed = oncePerObject(
  (state: RunState): Uint8Array =>
    // A copy of its own size: what the compressor gives back keeps its whole working space in memory.
    new Uint8Array(deflateRawSync(JSON.stringify(state), { level })),
);

export const packedForm = (form: HeldRun["form"]): Uint8Array =>
  form instanceof Uint8Array ? form : packed(form);

/** @throws an error when the bytes are no packed run */
export function stateOfForm(form: HeldRun["form"]): RunState {
  return form instanceof Uint8Array ? (JSON.parse(inflateRawSync(form).toString("utf8")) as RunState) : form;
}
