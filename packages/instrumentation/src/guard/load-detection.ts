import type * as detection from "@plumbline/detection";

export type Detection = typeof detection;

let loading: Promise<Detection> | undefined;

/** The rules of the analyzer; loaded at the first tool call of a supervised run. */
export function loadDetection(): Promise<Detection> {
  loading ??= import("@plumbline/detection");
  return loading;
}
