import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChdbStore } from "@plumbline/store";
import { describeStore } from "../../packages/store/src/store.contract.ts";

describeStore("chdb store", async () => {
  const directory = mkdtempSync(join(tmpdir(), "plumbline-store-"));
  return {
    open: () => createChdbStore({ directory }),
    dispose: async () => rmSync(directory, { recursive: true }),
  };
});
