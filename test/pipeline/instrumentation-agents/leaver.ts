import { once } from "node:events";
import { shutdown, supervise } from "@plumbline/instrumentation";

/** A run while the receiver is there, another once the parent says that it is gone, and the end of the process. */
const agent = (runId: string): Promise<void> =>
  supervise({ name: "leaver", goal: "Leave in good order", runId }, () => Promise.resolve());

await agent("before");
await once(process, "message");
process.disconnect();
await agent("after");
await shutdown(Number(process.env["LEAVER_PATIENCE_MS"]));
process.stdout.write("left in good order");
