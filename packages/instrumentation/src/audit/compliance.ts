import type { AuditCompliance } from "@plumbline/contracts";
import { runStoppedIn } from "../errors.ts";
import type { ToolCallUnderWay, ToolOutcome } from "../tool/tool-stage.ts";

/** How a tool call ended, as its outermost stage saw it. */
export interface AuditedEnding {
  startedAtMs: number;
  endedAtMs: number;
  /** Result as the model gets to read it; null when there is none. */
  text: string | null;
  /** What went wrong; undefined when nothing did. */
  error: unknown;
  answeredBy?: ToolOutcome["answeredBy"];
  left?: ToolOutcome["left"];
}

/** Whether calls of declared risk change little: their records may be lost with a process that is killed within the moment. */
export const isHarmless = (risk: AuditCompliance["risk"] | undefined): boolean =>
  risk === "safe" || risk === "low";

function outcomeOf(call: ToolCallUnderWay, ending: AuditedEnding): AuditCompliance["outcome"] {
  const { error, answeredBy, left } = ending;
  if (call.learned.performedAtMs === null)
    return error === undefined && answeredBy === undefined ? "recalled" : "refused";
  if (left === true) return "interrupted";
  if (error === undefined) return "succeeded";
  return runStoppedIn(error) === undefined ? "failed" : "interrupted";
}

/** Name of what was thrown; never its message, which may quote contents. */
function errorTypeOf(error: unknown): string | null {
  if (error === undefined) return null;
  const cause = runStoppedIn(error) ?? error;
  return cause instanceof Error ? cause.constructor.name : typeof cause;
}

function authorityOf(call: ToolCallUnderWay, outcome: AuditCompliance["outcome"]): string {
  const { learned, tool } = call;
  if (learned.authorisedBy !== null) return learned.authorisedBy;
  if (outcome === "refused") return "nobody: the call was refused";
  if (outcome === "recalled") return "nobody: the tool was not called again";
  const risk = tool?.traits.risk;
  return risk === undefined
    ? "policy: no approval is asked, and the tool declares no risk"
    : `policy: no approval is asked for declared risk ${risk}`;
}

function actionOf({ tool, toolName }: ToolCallUnderWay): string {
  if (tool === undefined) return `Asked for ${toolName}, a tool that does not exist`;
  return tool.audit?.action ?? tool.description ?? `Calls ${tool.name}`;
}

/** What the tool declares; null for what it does not. */
function declaredBy(
  tool: ToolCallUnderWay["tool"],
): Pick<AuditCompliance, "risk" | "reversible" | "dataAccessed" | "dataModified"> {
  const { traits, audit }: Partial<NonNullable<typeof tool>> = tool ?? {};
  const { risk = null, reversible = null } = traits ?? {};
  const { accesses: dataAccessed = null, modifies: dataModified = null } = audit ?? {};
  return { risk, reversible, dataAccessed, dataModified };
}

/**
 * What an auditor gets to read of a call: what the tool declares, who let it through, how it ended; no content. Its members
 * stand in the order in which they are hashed.
 */
export function complianceOf(call: ToolCallUnderWay, ending: AuditedEnding): AuditCompliance {
  const { run, tool, toolName, learned } = call;
  const outcome = outcomeOf(call, ending);
  const { dataAccessed, dataModified, reversible, risk } = declaredBy(tool);
  return {
    action: actionOf(call).toWellFormed(),
    agentName: run.agentName.toWellFormed(),
    authorisedBy: authorityOf(call, outcome).toWellFormed(),
    dataAccessed,
    dataModified,
    endedAtMs: Math.trunc(ending.endedAtMs),
    errorType: errorTypeOf(ending.error),
    outcome,
    reversible,
    risk,
    startedAtMs: Math.trunc(ending.startedAtMs),
    stepId: learned.stepId,
    toolName: toolName.toWellFormed(),
  };
}
