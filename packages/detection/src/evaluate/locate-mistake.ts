import { tokensOf } from "../features/words.ts";
import type { RunRecord, RunRecordStep } from "./run-record.ts";

/** The step that everything after it most likely rests on. */
export interface LocatedMistake {
  step: number;
  agent: string | null;
  why: "first-delegated-work" | "author-of-first-executed-code" | "first-own-work";
}

const restatedShare = 0.8;
const delegationWords = 6;
const codeMark = /[{}();=]|^\s*(?:import|from|def|SELECT|\$|#)/m;

/** A message that hands the task over adds nothing of its own. */
function restatesTask(step: RunRecordStep, goal: ReadonlySet<string>): boolean {
  const said = new Set(tokensOf(step.text ?? "").stems);
  const common = [...goal].filter((word) => said.has(word)).length;
  return goal.size > 0 && common / goal.size > restatedShare;
}

/** Work asked for in words, as of another agent, not as code or a structured call. */
function isDelegated(step: RunRecordStep): boolean {
  return (
    typeof step.args === "string" &&
    !codeMark.test(step.args) &&
    step.args.split(/\s+/).length >= delegationWords
  );
}

function firstOwnWork(record: RunRecord): RunRecordStep | undefined {
  const goal = new Set(tokensOf(record.task ?? "").stems);
  const acts = record.steps.filter((step) => step.role === "agent" || step.role === "llm");
  return acts.find((step) => !restatesTask(step, goal)) ?? acts[0];
}

/**
 * Where a failed run most likely went wrong: a structural guess, made without understanding the task. Later steps build
 * on the first real work, so that is named: the one to whom it was delegated, or the author of the first code that ran.
 */
export function locateMistake(record: RunRecord): LocatedMistake | null {
  const first = record.steps.findIndex((step) => step.role === "tool");
  const tool = record.steps[first];
  if (tool !== undefined && isDelegated(tool))
    return { step: tool.i, agent: tool.agent, why: "first-delegated-work" };
  const author = tool === undefined ? undefined : (record.steps[first - 1] ?? tool);
  if (author !== undefined)
    return { step: author.i, agent: author.agent, why: "author-of-first-executed-code" };
  const work = firstOwnWork(record);
  return work === undefined ? null : { step: work.i, agent: work.agent, why: "first-own-work" };
}
