import type { ConnectionRole } from "./engine.ts";

/** Limits of one statement that a person wrote. */
export interface UntrustedLimits {
  maxRows: number;
  maxResultBytes: number;
  maxSeconds: number;
  maxMemoryBytes: number;
}

export const defaultUntrustedLimits: UntrustedLimits = {
  maxRows: 10_000,
  maxResultBytes: 64 * 1024 * 1024,
  maxSeconds: 20,
  maxMemoryBytes: 1024 * 1024 * 1024,
};

export type Settings = Readonly<Record<string, string | number>>;

/** Said outright, because their defaults differ between versions of the database. */
const common: Settings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  date_time_output_format: "iso",
};

const writer: Settings = {
  ...common,
  date_time_input_format: "best_effort",
  input_format_skip_unknown_fields: 0,
  input_format_null_as_default: 0,
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  // Spans of more than a hundred days in one batch are odd but no reason to refuse them.
  max_partitions_per_insert_block: 0,
};

const reader: Settings = {
  ...common,
  // A step's versions count as one even if they lie in different partitions.
  do_not_merge_across_partitions_select_final: 0,
  max_execution_time: 60,
};

function untrusted(limits: UntrustedLimits): Settings {
  return {
    ...common,
    do_not_merge_across_partitions_select_final: 0,
    max_execution_time: limits.maxSeconds,
    timeout_overflow_mode: "throw",
    max_memory_usage: limits.maxMemoryBytes,
    // One more than is shown, so that a cut can be told from an exact fit.
    max_result_rows: limits.maxRows + 1,
    max_result_bytes: limits.maxResultBytes,
    result_overflow_mode: "break",
    max_threads: 2,
    allow_introspection_functions: 0,
    allow_ddl: 0,
    readonly: 1,
  };
}

/** Settings of each kind of connection; `readonly` comes last, because nothing can be set after it. */
export function settingsOf(role: ConnectionRole, limits: UntrustedLimits): Settings {
  if (role === "writer") return writer;
  return role === "reader" ? reader : untrusted(limits);
}
