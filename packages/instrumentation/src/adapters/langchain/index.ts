import { processRuntime } from "../../process-environment.ts";
import { loadCore } from "./load-core.ts";
import { ChatModelPatch } from "./patch-chat-models.ts";
import { patchTools } from "./patch-tools.ts";

// One import puts every chat model and tool of LangChain and LangGraph under supervision.
const core = await loadCore();
new ChatModelPatch(core, processRuntime).apply();
patchTools(core, processRuntime);
