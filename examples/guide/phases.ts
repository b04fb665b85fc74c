// An agent declares its phases and what counts as done. A wrong move, or a "done" that fails its check, is a failure.
//   node examples/guide/phases.ts
import { NotDoneError, supervise } from "@plumbline/instrumentation";
import { z } from "zod";

const phases = { plan: ["act"], act: ["verify"], verify: ["act"] };
const doneWhen = (output: string, { phase }: { phase: string | null }): true | string =>
  phase === "verify" ? true : `"${output}" was never verified`;

await supervise({ name: "deploys", goal: "Deploy build 77", phases, doneWhen }, async (run) => {
  run.tool({
    name: "verify",
    parameters: z.object({}),
    execute() {
      run.phase("verify");
      return "all checks pass";
    },
  });
  const verify = [{ id: "c", function: { name: "verify", arguments: "{}" } }];
  console.log(run.currentPhase, "→", (await run.execute(verify))[0]?.content);
  run.phase("act");
  const early = await run.checkDone("deployed");
  console.log(early.done ? "done" : `not done: ${early.problem}`);
  console.log(run.currentPhase, "→", (await run.execute(verify))[0]?.content);
  return "deployed";
});

try {
  await supervise({ name: "deploys", phases, doneWhen }, async () => "deployed");
} catch (thrown) {
  if (thrown instanceof NotDoneError) console.log(thrown.reason, thrown.why);
}

// Prints:
//   plan → Error: The phase can't change from "plan" to "verify". From here: act.
//   not done: "deployed" was never verified
//   act → all checks pass
//   HIDDEN_FAILURE "deployed" was never verified
