import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteBus, type Bus } from "@plumbline/bus";
import { describeBus } from "../../packages/bus/src/bus.contract.ts";

describeBus("SQLite bus", {
  optOuts: {},
  start: async ({ maxBacklogRecords }) => {
    const directory = mkdtempSync(join(tmpdir(), "plumbline-bus-"));
    const open = async (): Promise<Bus> =>
      createSqliteBus({
        directory,
        redelivery: { firstMs: 2, longestMs: 20 },
        retention: { sweepIntervalMs: 20 },
        ...(maxBacklogRecords === undefined ? {} : { backlog: { maxRecords: maxBacklogRecords } }),
      });
    const bed = {
      bus: await open(),
      reopen: async () => {
        await bed.bus.close();
        bed.bus = await open();
        return bed.bus;
      },
      dispose: async () => {
        await bed.bus.close();
        rmSync(directory, { recursive: true });
      },
    };
    return bed;
  },
});
