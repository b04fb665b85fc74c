import type { Clock, RunDetail } from "@plumbline/contracts";
import type { OperatorClient } from "../api/operator-client.ts";
import type { Scenario } from "./scenario.ts";

const lookEveryMs = 100;
/** How long the operator looks at a paused run before deciding. */
const considerMs = 400;

export interface OperatorContext {
  client: OperatorClient;
  clock: Clock;
  signal: AbortSignal;
}

async function waitFor(
  context: OperatorContext,
  runId: string,
  holds: (detail: RunDetail) => boolean,
): Promise<void> {
  for (;;) {
    const detail = await context.client.run(runId).catch(() => undefined);
    if (detail !== undefined && holds(detail)) return;
    await context.clock.sleep(lookEveryMs, context.signal);
  }
}

/** What the person on call does with one agent of the demo, through the same API as everybody. */
export async function playOperator(
  context: OperatorContext,
  scenario: Scenario,
  runId: string,
): Promise<void> {
  const { client, clock, signal } = context;
  const { operator } = scenario;
  switch (operator.deed) {
    case "none":
      return;
    case "kill-when-paused":
      await waitFor(context, runId, ({ run }) => run.status === "paused");
      await clock.sleep(considerMs, signal);
      await client.command(runId, { verb: "kill", message: "Stuck, and nobody needs the result." });
      return;
    case "pause-and-resume":
      await waitFor(context, runId, ({ run }) => run.lastSequence >= operator.afterSteps);
      await client.command(runId, { verb: "pause", message: "A look before more mails go out." });
      await waitFor(context, runId, ({ run }) => run.status === "paused");
      await clock.sleep(considerMs, signal);
      await client.command(runId, { verb: "resume", message: "Looks right.", say: null, limits: null });
  }
}
