import { processRuntime } from "../../process-environment.ts";
import { type DeclaredTool, type DeclaredTools, toolPolicies } from "../../tool/declared-tool.ts";
import { loadCore } from "./load-core.ts";
import { ChatModelPatch } from "./patch-chat-models.ts";
import { patchTools } from "./patch-tools.ts";

export type { DeclaredTool, DeclaredTools };

let declaredTools: DeclaredTools = {};
let policies = toolPolicies(declaredTools);

/**
 * Declares tools of LangChain and LangGraph by name. May be called again; what is said last of a tool counts.
 * @throws SetupError or RejectedError when a tool can't be declared so
 */
export function declareTools(declared: DeclaredTools): void {
  const all = { ...declaredTools, ...declared };
  policies = toolPolicies(all);
  declaredTools = all;
}

// One import puts every chat model and tool of LangChain and LangGraph under supervision.
const core = await loadCore();
new ChatModelPatch(core, processRuntime).apply();
patchTools(core, processRuntime, (toolName) => policies(toolName));
