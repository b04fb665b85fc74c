import type { Clock } from "@plumbline/contracts";
import type { OperatorClient } from "../api/operator-client.ts";
import type { RunBoard } from "./run-board.ts";
import type { Scenario } from "./scenario.ts";

/** How long the operator looks at a paused run before deciding. */
const considerMs = 400;

export interface OperatorContext {
  client: OperatorClient;
  board: RunBoard;
  clock: Clock;
  signal: AbortSignal;
}

/** What the person on call does with one agent of the demo, through the same API as everybody. */
export async function playOperator(
  context: OperatorContext,
  scenario: Scenario,
  runId: string,
): Promise<void> {
  const { client, board, clock, signal } = context;
  const { operator } = scenario;
  switch (operator.deed) {
    case "none":
      return;
    case "kill-when-paused":
      await board.until(runId, (run) => run.status === "paused", signal);
      await clock.sleep(considerMs, signal);
      await client.command(runId, { verb: "kill", message: "Stuck, and nobody needs the result." });
      return;
    case "pause-and-resume":
      await board.until(runId, (run) => run.lastSequence >= operator.afterSteps, signal);
      await client.command(runId, { verb: "pause", message: "A look before more mails go out." });
      await board.until(runId, (run) => run.status === "paused", signal);
      await clock.sleep(considerMs, signal);
      await client.command(runId, { verb: "resume", message: "Looks right.", say: null, limits: null });
  }
}
