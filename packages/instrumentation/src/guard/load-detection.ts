import type * as detection from "@plumbline/detection";

export type Detection = typeof detection;

let loading: Promise<Detection> | undefined;
let loaded: Detection | undefined;

/** The rules of the analyzer; loaded at the first tool call of a supervised run. */
export function loadDetection(): Promise<Detection> {
  loading ??= import("@plumbline/detection").then((rules) => (loaded = rules));
  return loading;
}

/** The rules once they are loaded, for calls that would otherwise wait for nothing. */
export function loadedDetection(): Detection | undefined {
  return loaded;
}
