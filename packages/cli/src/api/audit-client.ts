import {
  auditHeadsSchema,
  auditPath,
  type AuditPartName,
  auditRunIdsSchema,
  type AuditTips,
  auditTipsSchema,
  complianceRowsSchema,
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
  technicalRowsSchema,
} from "@plumbline/contracts";

/** The audit trail on the operator API, whole lists at a time. */
export interface AuditClient {
  tips(): Promise<AuditTips>;
  heads(): Promise<SignedAuditHead[]>;
  runIds(): Promise<string[]>;
  compliance(runId: string): Promise<StoredCompliance[]>;
  technical(runId: string): Promise<StoredTechnical[]>;
}

type Read = <Value>(schema: { parse(value: unknown): Value }, path: string) => Promise<Value>;

const pageSize = 200;

/** Pages until one is not full; `next` says where the next one begins. */
async function allPages<Item>(
  page: (after: URLSearchParams) => Promise<Item[]>,
  next: (last: Item) => Record<string, string>,
): Promise<Item[]> {
  const all: Item[] = [];
  let after = new URLSearchParams({ limit: String(pageSize) });
  for (;;) {
    const items = await page(after);
    all.push(...items);
    const last = items.at(-1);
    if (last === undefined || items.length < pageSize) return all;
    after = new URLSearchParams({ limit: String(pageSize), ...next(last) });
  }
}

const behindRecord = ({ link }: { link: StoredCompliance["link"] }): Record<string, string> => ({
  chain: link.chainId,
  after: String(link.sequence),
  hash: link.hash,
});
const partPath = (runId: string, part: AuditPartName, after: URLSearchParams): string =>
  `${auditPath.part(runId, part)}?${after.toString()}`;

export function createAuditClient(read: Read): AuditClient {
  return {
    tips: () => read(auditTipsSchema, auditPath.head),
    heads: () =>
      allPages(
        async (after) => (await read(auditHeadsSchema, `${auditPath.heads}?${after.toString()}`)).heads,
        ({ ledger, index }) => ({ ledger: String(ledger), after: String(index) }),
      ),
    runIds: () =>
      allPages(
        async (after) => (await read(auditRunIdsSchema, `${auditPath.runs}?${after.toString()}`)).runIds,
        (runId) => ({ after: runId }),
      ),
    compliance: (runId) =>
      allPages(
        async (after) => (await read(complianceRowsSchema, partPath(runId, "compliance", after))).rows,
        behindRecord,
      ),
    technical: (runId) =>
      allPages(
        async (after) => (await read(technicalRowsSchema, partPath(runId, "technical", after))).rows,
        behindRecord,
      ),
  };
}
