import type { ConnectionCounts } from "../engine/client-engine.ts";
import type { EngineInsert, EngineQuery } from "../engine/engine.ts";
import type { UntrustedLimits } from "../engine/role-settings.ts";

/** What the worker is started with. */
export interface WorkerSetup {
  directory: string;
  maxMemoryBytes: number;
  markCacheBytes: number;
  connections: ConnectionCounts;
  untrustedLimits: UntrustedLimits;
}

export type WorkerCall =
  | { kind: "command"; sql: string }
  | { kind: "insert"; insert: EngineInsert }
  | { kind: "query"; query: EngineQuery }
  | { kind: "use-database"; name: string }
  | { kind: "close" };

export interface WorkerRequest {
  id: number;
  call: WorkerCall;
}

export interface WorkerFailure {
  message: string;
  code: number | undefined;
}

/** Id 0 answers the start of the worker itself. */
export type WorkerReply = { id: number; text: string } | { id: number; failure: WorkerFailure };
