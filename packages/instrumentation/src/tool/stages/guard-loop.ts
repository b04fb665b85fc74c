import { createLoopMonitor, LoopGuard } from "../../guard/loop/loop-guard.ts";
import { loadDetection } from "../../guard/load-detection.ts";
import type { Runtime } from "../../runtime.ts";
import { failed } from "../tool-result.ts";
import type { NextToolStage, ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

async function guardOf({ run, runtime }: ToolCallUnderWay): Promise<LoopGuard> {
  const detection = await loadDetection();
  const { clock, findings } = runtime;
  const parts = { detection, monitor: createLoopMonitor(detection), findings, nowMs: () => clock.nowMs() };
  return (run.loops ??= new LoopGuard(run, parts));
}

/** While a server watches, its policy decides: what it pauses can be resumed. */
function isOn({ settings, channel }: Runtime): boolean {
  const { guards, loopGuard, controlEndpoint } = settings;
  if (guards === "off" || loopGuard === "off") return false;
  return loopGuard === "always" || controlEndpoint === "off" || channel.lostSinceMs() !== null;
}

/** Tells an agent that goes round in circles, then answers its calls without making them, then stops the run. */
export const guardLoop: ToolStage = (call, next) => (isOn(call.runtime) ? guarded(call, next) : next(call));

async function guarded(call: ToolCallUnderWay, next: NextToolStage): Promise<ToolOutcome> {
  const { runtime, run } = call;
  const guard = run.loops ?? (await guardOf(call));
  const verdict = guard.before(call);
  if (verdict.type === "block") return { text: verdict.text, error: undefined, answeredBy: "guard" };
  if (verdict.type === "stop") {
    run.stopped = verdict.error;
    return failed(verdict.error);
  }
  const startMs = runtime.clock.nowMs();
  const outcome = await next(call);
  const times = { startMs, endMs: runtime.clock.nowMs() };
  if (outcome.left === true) return outcome;
  runtime.afterwards.add(() => guard.after(call, outcome, times));
  return outcome;
}
