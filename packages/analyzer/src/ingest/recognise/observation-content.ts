import type { Observation } from "@plumbline/contracts";

type PlacedFields =
  | "version"
  | "observationId"
  | "tenantId"
  | "affinity"
  | "aliases"
  | "principal"
  | "source"
  | "dialect"
  | "service"
  | "agentName"
  | "traceId"
  | "spanId"
  | "parentSpanId"
  | "atMs";

type Distribute<Kind> = Kind extends unknown
  ? Omit<Kind, PlacedFields> & Partial<Pick<Observation, "spanId" | "parentSpanId" | "atMs">>
  : never;

/** An observation without what is the same for every kind: identity, origin, place in the trace. */
export type ObservationContent = Distribute<Observation>;
