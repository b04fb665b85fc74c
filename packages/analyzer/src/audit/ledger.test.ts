import { type AuditRecord, type SignedAuditHead, verifyAuditLedgers } from "@plumbline/contracts";
import { auditChain, auditKey, signedAuditHead } from "@plumbline/contracts/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { headOf } from "./head-log.ts";
import { Ledgers } from "./ledger.ts";

const key = auditKey();
const newLedgers = (maxDistance = 20_000): Ledgers =>
  new Ledgers({ ledger: 3, sign: (head) => signedAuditHead(key, head), maxDistance });

function accept(ledgers: Ledgers, records: readonly AuditRecord[], from = 0): SignedAuditHead[] {
  return records.flatMap(
    (record, index) => ledgers.accept({ tenantId: "", principal: "shop", record }, from + index).heads,
  );
}

const chains = [
  auditChain("run-a", "chain-1", 6),
  auditChain("run-a", "chain-2", 3),
  auditChain("run-b", "chain-3", 4),
];
const all = chains.flat();
const placeOf = (head: SignedAuditHead): string => {
  const { chainId, sequence } = headOf(head);
  return `${chainId}/${String(sequence)}`;
};

test("every record is countersigned once and in the order of its chain, whatever order and however often it comes", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...all, ...all], { minLength: 26 }), (arriving) => {
      const heads = accept(newLedgers(), arriving);
      expect(heads.map(placeOf).toSorted()).toEqual(
        all.map(({ link }) => `${link.chainId}/${String(link.sequence)}`).toSorted(),
      );
      const verdict = verifyAuditLedgers({ heads, anchors: [], keys: key.trusted });
      expect(verdict.findings).toEqual([]);
      expect(verdict.attested.get("run-a")?.get("chain-1")).toEqual({
        sequence: 6,
        hash: chains[0]?.at(-1)?.link.hash,
      });
    }),
  );
});

test("a successor that goes on from the newest heads signs the same bytes as one that never stopped", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.nat(all.length),
      fc.nat(all.length),
      (arriving, stop, back) => {
        const whole = accept(newLedgers(), arriving);
        const first = newLedgers();
        const before = accept(first, arriving.slice(0, stop));
        const newest = new Map(before.map((signed) => [headOf(signed).chainId, signed]));
        const successor = newLedgers();
        successor.restore([...newest.values()].map((signed) => ({ signed, head: headOf(signed) })));
        const committed = first.oldestWaiting(stop - 1) ?? stop;
        const from = Math.max(0, committed - back);
        const after = accept(successor, arriving.slice(from), from);
        expect([...before, ...after]).toEqual(whole);
      },
    ),
  );
});

test("a fork is not countersigned, nor what follows a record that never comes", () => {
  const [first, second, third] = auditChain("run-a", "chain-1", 3);
  const [forged] = auditChain("run-x", "chain-1", 2).slice(1);
  if (first === undefined || second === undefined || third === undefined || forged === undefined) return;
  const fork: AuditRecord = { ...forged, link: { ...forged.link, runId: "run-a" } };
  expect(accept(newLedgers(), [first, fork, third])).toHaveLength(1);
  const waiting = newLedgers(10);
  expect(accept(waiting, [first, third])).toHaveLength(1);
  expect(waiting.oldestWaiting(1)).toBe(1);
  expect(waiting.oldestWaiting(12)).toBeUndefined();
});

test("tenants have ledgers of their own", () => {
  const ledgers = newLedgers();
  const heads = ["a", "b", "a"].map((tenantId, index) => {
    const [record] = auditChain(`run-${String(index)}`, "chain", 1);
    return record === undefined ? [] : ledgers.accept({ tenantId, principal: "", record }, index).heads;
  });
  expect(heads.flat().map((head) => [head.tenantId, head.index])).toEqual([
    ["a", 1],
    ["b", 1],
    ["a", 2],
  ]);
});
