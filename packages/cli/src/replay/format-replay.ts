import { formatTable } from "../format/table.ts";
import type { ReplayedRun, ReplayedStep } from "./replay-run.ts";

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

function findingsOf({ findings }: ReplayedStep): string {
  return findings.map(({ kind, confidence }) => `${kind} ${confidence.toFixed(2)}`).join(", ");
}

function actionsOf({ actions }: ReplayedStep): string {
  return actions.map(({ verb, message }) => (message === "" ? verb : `${verb}: ${message}`)).join("; ");
}

/** A replayed run step by step, for a person. */
export function formatReplay(run: ReplayedRun): string {
  const { runId, agentName, goal, policy, steps, heldAtStep } = run;
  const columns = [
    { title: "STEP", align: "right" as const },
    { title: "CALL", maxWidth: 32 },
    { title: "OUTCOME" },
    { title: "PROGRESS", align: "right" as const },
    { title: "FINDINGS", maxWidth: 48 },
    { title: "WOULD", maxWidth: 80 },
  ];
  const rows = steps.map((step) => [
    String(step.sequence),
    step.name,
    step.outcome,
    percent(step.progress),
    findingsOf(step),
    actionsOf(step),
  ]);
  const end =
    heldAtStep === null
      ? `Under policy ${policy} the run would not have been held.`
      : `Under policy ${policy} the run would have been held at step ${String(heldAtStep)} of ${String(steps.at(-1)?.sequence ?? 0)}.`;
  const head = `${agentName === "" ? "run" : agentName} ${runId}${goal === "" ? "" : `\nGoal  ${goal}`}`;
  return steps.length === 0
    ? `${head}\nNo steps are stored.`
    : `${head}\n${formatTable(columns, rows)}\n${end}`;
}
