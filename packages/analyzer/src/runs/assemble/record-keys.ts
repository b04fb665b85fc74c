import { createObjectNotes, stepIdOf } from "@plumbline/contracts";
import { type Place, recordKey, type StepRecord } from "./assembly-state.ts";

interface RecordKeys {
  key: string;
  /** Key of the span it stands under. */
  parentKey: string;
  stepId: string;
}

/** Places are never changed: the names that follow from one are put together once. */
const known = createObjectNotes<Place, RecordKeys>();

export function keysOf({ place }: StepRecord): RecordKeys {
  let keys = known.get(place);
  if (keys === undefined) {
    const { traceId, spanId, parentSpanId } = place;
    keys = {
      key: recordKey(place),
      parentKey: recordKey({ traceId, spanId: parentSpanId }),
      stepId: stepIdOf(traceId, spanId),
    };
    known.set(place, keys);
  }
  return keys;
}

/** Key of the record that a step is of, or that asked for it: its id begins with it. */
export function recordKeyOfStep(stepId: string): string {
  const end = stepId.indexOf(".", stepId.indexOf(".") + 1);
  return end < 0 ? stepId : stepId.slice(0, end);
}
