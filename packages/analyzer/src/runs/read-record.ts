import type { ReceivedRecord } from "@plumbline/bus";
import {
  type ControlRecord,
  type ObservationRecord,
  RejectedError,
  controlRecordSchema,
  judgementRecordSchema,
  similarityRecordSchema,
} from "@plumbline/contracts";

const decoder = new TextDecoder();

/**
 * A command or ack of the log.
 * @throws an error that says what is wrong with it
 */
export function readControlRecord({ value }: ReceivedRecord): ControlRecord {
  return controlRecordSchema.parse(JSON.parse(decoder.decode(value)));
}

const isText = (value: unknown): boolean => typeof value === "string";

/** What every fold relies on. Only ingest writes here, many thousands a second, so that no more is checked. */
function isObservationRecord(value: unknown): value is ObservationRecord {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  if (value.kind === "timer") return "nowMs" in value && typeof value.nowMs === "number";
  if (value.kind === "judgement") return judgementRecordSchema.safeParse(value).success;
  if (value.kind === "similarity") return similarityRecordSchema.safeParse(value).success;
  const { observationId, tenantId, affinity, source } = value as Record<string, unknown>;
  return (
    [value.kind, observationId, tenantId, affinity].every(isText) &&
    typeof source === "object" &&
    source !== null
  );
}

/**
 * An observation or timer of the log.
 * @throws an error that says what is wrong with it
 */
export function readObservationRecord({ value }: ReceivedRecord): ObservationRecord {
  const parsed: unknown = JSON.parse(decoder.decode(value));
  if (isObservationRecord(parsed)) return parsed;
  throw new RejectedError("The record is no observation.", { code: "OBSERVATION_INVALID" });
}
