import type { ReceivedRecord } from "@plumbline/bus";
import {
  RejectedError,
  directiveSchema,
  messageOf,
  runKey,
  signedDirectiveSchema,
} from "@plumbline/contracts";

/** The newest directive of one run. */
export interface StoredDirective {
  generation: number;
  killed: boolean;
  /** A SignedDirective as JSON on one line, ready to send. */
  json: string;
  /** Where it stands in the control state. */
  partition: number;
  offset: number;
}

function parse(record: ReceivedRecord, key: string): StoredDirective {
  const signed = signedDirectiveSchema.parse(JSON.parse(Buffer.from(record.value).toString("utf8")));
  const directive = directiveSchema.parse(JSON.parse(signed.payload));
  if (runKey(directive.tenantId, directive.runId) !== key)
    throw new Error("it is for another run than its key");
  const { generation, desired } = directive;
  const { partition, offset } = record;
  return { generation, killed: desired === "killed", json: JSON.stringify(signed), partition, offset };
}

/**
 * The control state as the gateway knows it: the newest directive per run. A killed run is never forgotten; another one
 * is when its record is emptied.
 */
export class DirectiveTable {
  readonly #directives = new Map<string, StoredDirective>();
  readonly #nextOffsets: number[] = [];

  /**
   * Takes a record of the control state.
   * @returns the run's key when its directive changed
   * @throws RejectedError when the record can't be read; the table stays as it was
   */
  apply(record: ReceivedRecord): string | undefined {
    const { key, partition, offset } = record;
    this.#nextOffsets[partition] = Math.max(this.#nextOffsets[partition] ?? 0, offset + 1);
    if (key === null) throw new RejectedError("A control state record has no key.", { code: "NO_KEY" });
    const known = this.#directives.get(key);
    if (record.value.length === 0) {
      if (known?.killed === false) this.#directives.delete(key);
      return undefined;
    }
    const directive = this.#read(record, key);
    if (known !== undefined && directive.generation <= known.generation) return undefined;
    this.#directives.set(key, directive);
    return key;
  }

  get(key: string): StoredDirective | undefined {
    return this.#directives.get(key);
  }

  get size(): number {
    return this.#directives.size;
  }

  /** Per partition the offset after the last record taken. */
  nextOffsets(): readonly number[] {
    return Array.from(this.#nextOffsets, (offset) => offset ?? 0);
  }

  #read(record: ReceivedRecord, key: string): StoredDirective {
    try {
      return parse(record, key);
    } catch (error) {
      const place = `partition ${String(record.partition)}, offset ${String(record.offset)}`;
      throw new RejectedError(`The control state at ${place} can't be read: ${messageOf(error)}.`, {
        code: "DIRECTIVE_UNREADABLE",
        cause: error,
      });
    }
  }
}
