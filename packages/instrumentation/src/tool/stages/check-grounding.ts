import { type Detection, loadDetection, loadedDetection } from "../../guard/load-detection.ts";
import { failed } from "../tool-result.ts";
import type { ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

function ungroundedIdsOf({ run, argumentsText }: ToolCallUnderWay, detection: Detection): string[] {
  const ids = detection.recordIdsOf(argumentsText);
  if (ids.length === 0) return [];
  const own = run.heard.unknownOf(ids, detection);
  const above = run.lineage().slice(1);
  return own.filter((id) => !above.some(({ heard }) => heard.knows(id, detection)));
}

/** Marks ids that occur nowhere in the run before; where the tool says so, the model is warned or the call refused. */
export const checkGrounding: ToolStage = async (call, next) => {
  const { tool, run, runtime, toolName, stepId } = call;
  const detection = loadedDetection() ?? (await loadDetection());
  const unknown = ungroundedIdsOf(call, detection);
  if (unknown.length === 0) return answered(call, await next(call), detection);
  call.learned.ungroundedIds = unknown;
  const mode = tool?.resilience.onUngroundedIds ?? "mark";
  const what = `${unknown.map((id) => `"${id}"`).join(", ")}: named nowhere in this run before`;
  runtime.findings.notice(run, {
    kind: "invalid-call",
    guard: "grounding",
    signature: toolName,
    summary: `${toolName} was called with ${what}.`,
    intervention: mode === "mark" ? "observe" : "nudge",
    confidence: 0.7,
    steps: [{ stepId, name: toolName }],
  });
  const advice = `${what}. Take ids from the user or from results; ask or look them up when you don't have them.`;
  if (mode === "refuse") return failed(new Error(`The call was not made. ${advice}`), "data_error");
  const outcome = answered(call, await next(call), detection);
  return mode === "warn" ? { ...outcome, text: `${outcome.text}\nNote: ${advice}` } : outcome;
};

/** What came back is known from now on; what the model asked with is known as well. */
function answered(call: ToolCallUnderWay, outcome: ToolOutcome, detection: Detection): ToolOutcome {
  const { heard } = call.run;
  heard.hear(outcome.text);
  heard.hear(call.argumentsText);
  if (heard.isBehind) call.runtime.afterwards.add(() => heard.catchUp(detection));
  return outcome;
}
