/** Measures the SQLite bus in a directory of the temporary folder; prints JSON. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteBus } from "../src/index.ts";
import { measureBus } from "./measure.ts";

const directory = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
const bus = await createSqliteBus({ directory });
process.stdout.write(`${JSON.stringify(await measureBus(bus, "bench"))}\n`);
await bus.close();
rmSync(directory, { recursive: true });
