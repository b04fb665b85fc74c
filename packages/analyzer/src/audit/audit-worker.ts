import type { Assignment, Batch, Bus, PartitionWorker, ReceivedRecord } from "@plumbline/bus";
import {
  type Clock,
  isPlumblineError,
  messageOf,
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
  topic,
  type Urgency,
} from "@plumbline/contracts";
import type { Store, TableItems, TableName } from "@plumbline/store";
import type { AnalyzerMetrics } from "../metrics.ts";
import { readAudit, type ReceivedAudit } from "./audit-log.ts";
import { headRecords, loadHeads } from "./head-log.ts";
import type { HeadPublisher } from "./head-publisher.ts";
import { type Countersigned, Ledgers, type SignHead } from "./ledger.ts";

/*
 * Owns: that every audit record of one partition stands in the tables and is countersigned.
 * Does not own: the order and rules of countersigning (ledger), sinks outside (sink-worker).
 *
 * I1  A record is countersigned only when it stands in the tables, and a head goes to the log only when it does: so what
 *     is vouched for can be shown, and a successor finds every head of the log in the tables.
 * I2  What comes again is stored again under the same key, which the tables keep once, and countersigned once.
 * I3  The committed offset never passes a record that waits for an earlier one of its chain.
 */

/** Name of the consumer group. */
export const auditGroup = "plumbline.audit";
/** Rows of the audit trail keep nobody waiting, and an insert costs the database much however little it holds. */
const restMs = 1_000;

export interface AuditTables {
  /** Whether the part is kept in its table. */
  compliance: boolean;
  technical: boolean;
}

export interface AuditWorkerOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  metrics: AnalyzerMetrics;
  sign: SignHead;
  tables: AuditTables;
  publisher: HeadPublisher;
}

interface FoldedBatch {
  compliance: StoredCompliance[];
  technical: StoredTechnical[];
  countersigned: Countersigned;
}

class AuditWorker implements PartitionWorker {
  readonly #options: AuditWorkerOptions;
  readonly #assignment: Assignment;
  readonly #ledgers: Ledgers;
  /** What could not be finished: the records come again, but they can't be countersigned twice. */
  #unfinished: FoldedBatch | undefined;
  #isResting = false;

  constructor(options: AuditWorkerOptions, assignment: Assignment, ledgers: Ledgers) {
    this.#options = options;
    this.#assignment = assignment;
    this.#ledgers = ledgers;
  }

  /** After a batch with which everything was read, what comes meanwhile goes into one of a second later. */
  takes(): boolean {
    return !this.#isResting;
  }

  urgencyOf(): Urgency {
    return "bulk";
  }

  async onBatch(batch: Batch): Promise<void> {
    const folded = this.#unfinished ?? this.#fold(batch);
    this.#unfinished = folded;
    const { heads } = folded.countersigned;
    const first = batch.records[0]?.offset ?? 0;
    const last = batch.records.at(-1)?.offset ?? first;
    const token = `${auditGroup}:${String(this.#assignment.partition)}:${String(first)}-${String(last)}`;
    await Promise.all([
      this.#insert("tool_calls_audit", folded.compliance, token),
      this.#insert("audit_log", folded.technical, token),
    ]);
    await this.#insert("audit_heads", heads, token);
    await this.#publishHeads(folded.countersigned);
    const offset = Math.min(last + 1, this.#ledgers.oldestWaiting(last) ?? last + 1);
    await this.#assignment.commit(batch.topic, { offset, metadata: "" });
    this.#unfinished = undefined;
    this.#options.publisher.offer(heads);
    if (last + 1 >= batch.endOffset) void this.#rest();
  }

  async close(): Promise<void> {
    await this.#options.publisher.flush();
  }

  /** Ends early when the partition is no longer ours. */
  async #rest(): Promise<void> {
    const { signal } = this.#assignment;
    this.#isResting = true;
    await this.#options.clock.sleep(restMs, signal).catch(() => undefined);
    this.#isResting = false;
    this.#assignment.wake();
  }

  #fold(batch: Batch): FoldedBatch {
    const { tables } = this.#options;
    const folded: FoldedBatch = {
      compliance: [],
      technical: [],
      countersigned: { heads: [], forgotten: [] },
    };
    for (const record of batch.records) {
      const audit = this.#read(record);
      if (audit === undefined) continue;
      const { tenantId } = audit;
      const { link, compliance, technical } = audit.record;
      if (tables.compliance) folded.compliance.push({ tenantId, link, compliance });
      if (tables.technical) folded.technical.push({ tenantId, link, technical });
      const { heads, forgotten } = this.#ledgers.accept(audit, record.offset);
      folded.countersigned.heads.push(...heads);
      folded.countersigned.forgotten.push(...forgotten);
    }
    return folded;
  }

  #read(record: ReceivedRecord): ReceivedAudit | undefined {
    try {
      return readAudit(record);
    } catch (error) {
      this.#options.metrics.recordRejected(record, messageOf(error));
      return undefined;
    }
  }

  async #insert<Name extends TableName>(
    table: Name,
    items: readonly TableItems[Name][],
    token: string,
  ): Promise<void> {
    if (items.length === 0) return;
    const { store, metrics } = this.#options;
    try {
      const { rejected } = await store.insert(table, items, `${token}:${table}`);
      if (rejected.length > 0) metrics.rowsRejected(table, rejected);
    } catch (error) {
      if (!isPlumblineError(error) || error.nextMove !== "reject") throw error;
      metrics.rowsRejected(
        table,
        items.map((_item, index) => ({ index, reason: error.message })),
      );
    }
  }

  async #publishHeads(countersigned: Countersigned): Promise<void> {
    const records = headRecords(countersigned, this.#assignment.partition);
    if (records.length > 0) await this.#options.bus.publish(topic.auditHeads, records);
  }
}

/** The last head of every ledger among these. */
function tipsOf(heads: readonly SignedAuditHead[]): SignedAuditHead[] {
  const tips = new Map<string, SignedAuditHead>();
  for (const head of heads) {
    const known = tips.get(head.tenantId);
    if (known === undefined || known.index < head.index) tips.set(head.tenantId, head);
  }
  return [...tips.values()];
}

/** Takes over a partition: its ledgers as the last owner left them, then what came since. */
export async function openAuditWorker(
  options: AuditWorkerOptions,
  assignment: Assignment,
): Promise<PartitionWorker> {
  const ledgers = new Ledgers({ ledger: assignment.partition, sign: options.sign });
  const heads = await loadHeads(options.bus, assignment.partition);
  ledgers.restore(heads);
  options.publisher.offer(tipsOf(heads.map(({ signed }) => signed)));
  return new AuditWorker(options, assignment, ledgers);
}
