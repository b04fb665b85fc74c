import { oncePerObject, stepIdOf } from "@plumbline/contracts";
import { type Place, recordKey, type StepRecord } from "./assembly-state.ts";

interface RecordKeys {
  key: string;
  /** Key of the span it stands under. */
  parentKey: string;
  stepId: string;
}

/** Places are never changed: the names that follow from one are put together once. */
const keysOfPlace = oncePerObject((place: Place): RecordKeys => {
  const { traceId, spanId, parentSpanId } = place;
  return {
    key: recordKey(place),
    parentKey: recordKey({ traceId, spanId: parentSpanId }),
    stepId: stepIdOf(traceId, spanId),
  };
});

export const keysOf = ({ place }: StepRecord): RecordKeys => keysOfPlace(place);

/** Key of the record that a step is of, or that asked for it: its id begins with it. */
export function recordKeyOfStep(stepId: string): string {
  const end = stepId.indexOf(".", stepId.indexOf(".") + 1);
  return end < 0 ? stepId : stepId.slice(0, end);
}
