// A supervisor hands work to sub-agents: each has its own goal and budget, and all count towards the supervisor's.
//   node examples/guide/sub-agents.ts
import { BudgetExceededError, type Run, supervise } from "@plumbline/instrumentation";
import { z } from "zod";

function lookUp(run: Run, topic: string, times: number): Promise<unknown> {
  run.tool({
    name: "look_up",
    parameters: z.object({ topic: z.string(), part: z.number() }),
    execute: ({ part }) => `fact ${String(part * 17)}`,
  });
  const calls = Array.from({ length: times }, (_, part) => ({
    id: `c${String(part)}`,
    function: { name: "look_up", arguments: JSON.stringify({ topic, part }) },
  }));
  return run.execute(calls);
}

async function delegate(topic: string, times: number): Promise<string> {
  try {
    return await supervise(
      { name: "researcher", goal: `Facts about ${topic}`, budget: { toolCalls: 3 } },
      async (run) => {
        await lookUp(run, topic, times);
        return `${topic}: ${String(times)} facts`;
      },
    );
  } catch (thrown) {
    // Its own budget: the supervisor goes on without it. The supervisor's budget stops the supervisor as well.
    if (thrown instanceof BudgetExceededError && thrown.runId !== supervisorId)
      return `${topic}: over its budget`;
    throw thrown;
  }
}

const supervisorId = "supervisor-1";
try {
  await supervise(
    { name: "supervisor", runId: supervisorId, goal: "Report on animals", budget: { toolCalls: 6 } },
    async () => {
      console.log(await delegate("bears", 2));
      console.log(await delegate("birds", 9));
      console.log(await delegate("bees", 2));
    },
  );
} catch (thrown) {
  if (thrown instanceof BudgetExceededError) console.log(`${thrown.runId}: ${thrown.why}`);
}

// Prints:
//   bears: 2 facts
//   birds: over its budget
//   supervisor-1: a call of look_up would make it 7 tool calls; the limit is 6 tool calls
