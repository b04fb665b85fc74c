import { derivedId } from "@plumbline/contracts";
import type { RestoredRun } from "../checkpoint/run-journals.ts";
import type { Runtime } from "../runtime.ts";
import { currentToolCall } from "../tool/current-tool-call.ts";
import { currentRun } from "./run-context.ts";
import type { RunRecord } from "./run-record.ts";

/** The place of a run in the one that surrounds it. */
export interface ChildPlace {
  parent: RunRecord;
  runId: string;
  /** The surrounding run has got what came of it: a state that it saves from now on may hold that. */
  release(): void;
}

/**
 * The place of a run that its application gave no id: its id follows from the surrounding run, the tool call that it is made in, name
 * and goal, so that a resumed run finds its children again. Undefined where the application named it, or nothing surrounds it that
 * could be resumed.
 */
export function childPlaceOf(
  runtime: Runtime,
  { name, goal = "", runId }: { name: string; goal?: string; runId?: string },
): ChildPlace | undefined {
  const parent = currentRun();
  if (runId !== undefined || parent === undefined || parent.declaration.implicit) return undefined;
  const journal = runtime.journals.of(parent);
  const madeIn = currentToolCall()?.idempotencyKey ?? "";
  const key = journal.beginCall(JSON.stringify(["supervise", madeIn, name, goal]));
  return { parent, runId: derivedId("r", [key]), release: () => journal.endCall(key) };
}

/** Only an id of the application's choice, or one that follows from such, can have been another run's before. */
export async function earlierLife(
  runtime: Runtime,
  runId: string | undefined,
  place: ChildPlace | undefined,
): Promise<Pick<RestoredRun, "attach"> | undefined> {
  if (place !== undefined) return runtime.journals.beginWithin(place.parent, place.runId);
  return runId === undefined ? undefined : runtime.journals.beginAgain(runId);
}
