import { describeBus } from "../bus.contract.ts";
import { createMemoryBus } from "./memory-bus.ts";

describeBus("memory bus", {
  optOuts: { persistence: "a memory bus forgets with its process" },
  start: async ({ maxBacklogRecords }) => {
    const bus = createMemoryBus({
      redelivery: { firstMs: 2, longestMs: 20 },
      retention: { sweepIntervalMs: 20 },
      ...(maxBacklogRecords === undefined ? {} : { backlog: { maxRecords: maxBacklogRecords } }),
    });
    return Promise.resolve({
      bus,
      reopen: () => Promise.reject(new Error("Forgets.")),
      dispose: () => bus.close(),
    });
  },
});
