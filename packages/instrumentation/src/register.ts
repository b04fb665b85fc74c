import { debugLog } from "./transport/debug-log.ts";
import { messageOf } from "@plumbline/contracts";
import { onOpenAILoaded } from "./observe/openai/load-hook.ts";
import { patchClientClass } from "./observe/openai/patch-class.ts";
import { processRuntime } from "./process-environment.ts";

// Zero code: `node --import @plumbline/instrumentation/register app.js`.
onOpenAILoaded((clientClass) => {
  try {
    patchClientClass(clientClass, processRuntime);
  } catch (thrown) {
    debugLog("openai was loaded and can't be supervised: %s", messageOf(thrown));
  }
});
