import type { Bus, BusRecord } from "@plumbline/bus";
import { type AuditHead, auditHeadSchema, type SignedAuditHead, topic } from "@plumbline/contracts";
import { chainKey, type Countersigned } from "./ledger.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const keyOf = (tenantId: string, chain: string): string => `${tenantId}/${chain}`;

export const headOf = (signed: SignedAuditHead): AuditHead =>
  auditHeadSchema.parse(JSON.parse(signed.payload));

/** The newest head of every chain of a partition. */
export async function loadHeads(
  bus: Bus,
  partition: number,
): Promise<{ signed: SignedAuditHead; head: AuditHead }[]> {
  const latest = new Map<string, SignedAuditHead>();
  const tail = await bus.tail({
    topic: topic.auditHeads,
    partitions: [partition],
    from: "beginning",
    onRecord: ({ key, value }) => {
      if (key === null) return;
      if (value.byteLength === 0) latest.delete(key);
      else latest.set(key, JSON.parse(decoder.decode(value)) as SignedAuditHead);
    },
  });
  await tail.caughtUp;
  await tail.close();
  return [...latest.values()].map((signed) => ({ signed, head: headOf(signed) }));
}

/** Heads as records of the compacted topic: the last one of a chain stays. */
export function headRecords({ heads, forgotten }: Countersigned, partition: number): BusRecord[] {
  return [
    ...heads.map((signed): BusRecord => {
      const key = keyOf(signed.tenantId, chainKey(headOf(signed)));
      return { key, value: encoder.encode(JSON.stringify(signed)), partition };
    }),
    ...forgotten.map(({ tenantId, chain }): BusRecord => {
      return { key: keyOf(tenantId, chain), value: new Uint8Array(), partition };
    }),
  ];
}
