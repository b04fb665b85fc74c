import { debuglog } from "node:util";

/** Shown with `NODE_DEBUG=plumbline`; an agent's own output stays as it was. */
export const debugLog = debuglog("plumbline");
