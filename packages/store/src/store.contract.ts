import { approvalCases } from "./contract/approval.contract.ts";
import { afterAll, beforeAll, describe } from "vitest";
import type { StoreBed, StoreHarness } from "./contract/harness.contract.ts";
import { insertCases } from "./contract/insert.contract.ts";
import { migrateCases } from "./contract/migrate.contract.ts";
import { queryCases } from "./contract/query.contract.ts";
import { untrustedCases } from "./contract/untrusted.contract.ts";
import { auditCases } from "./contract/audit.contract.ts";
import { incidentCases } from "./contract/incident.contract.ts";
import { viewCases } from "./contract/view.contract.ts";

/** What every adapter of the store port does. */
export function describeStore(name: string, start: () => Promise<StoreHarness>): void {
  let harness: StoreHarness | undefined;
  const bed = {} as StoreBed;

  beforeAll(async () => {
    const started = await start();
    harness = started;
    bed.store = await started.open();
    bed.reopen = async () => {
      await bed.store.close();
      bed.store = await started.open();
    };
    await bed.store.migrate();
  });

  afterAll(async () => {
    await bed.store.close();
    await harness?.dispose();
  });

  describe(`${name}: tables`, () => {
    migrateCases(bed);
  });
  describe(`${name}: inserts`, () => {
    insertCases(bed);
  });
  describe(`${name}: queries`, () => {
    queryCases(bed);
  });
  describe(`${name}: views`, () => {
    viewCases(bed);
  });
  describe(`${name}: approvals`, () => {
    approvalCases(bed);
  });
  describe(`${name}: incidents`, () => {
    incidentCases(bed);
  });
  describe(`${name}: audit trail`, () => {
    auditCases(bed);
  });
  describe(`${name}: SQL from people`, () => {
    untrustedCases(bed);
  });
}
