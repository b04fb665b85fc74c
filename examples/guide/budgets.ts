// A limit stops the call that would break it; before that the agent is told to come to an end.
//   node examples/guide/budgets.ts
import { BudgetExceededError, instrumentOpenAI, supervise } from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";

const model = await startScriptedModel({
  answer: ({ messages }) => ({
    text: `draft ${String(messages.filter(({ role }) => role === "user").length)}`,
  }),
});
const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));

try {
  await supervise(
    { name: "writer", goal: "Write", budget: { modelCalls: 5, usd: 2 }, softLimit: 0.8 },
    async (run) => {
      for (;;) {
        const messages = [{ role: "user" as const, content: run.goal }];
        const reply = await openai.chat.completions.create({
          model: "gpt-5-mini",
          messages,
          max_completion_tokens: 500,
        });
        run.keepOutput(reply.choices[0]?.message.content);
      }
    },
  );
} catch (thrown) {
  if (!(thrown instanceof BudgetExceededError)) throw thrown;
  console.log(thrown.reason, "by", thrown.limit);
  console.log("kept:", thrown.partialOutput);
}
const told = model.requests.findIndex(({ messages }) => messages.length > 1);
console.log(`requests: ${String(model.requests.length)}; told with request ${String(told + 1)}:`);
console.log(model.requests[told]?.messages.at(-1)?.text);
await model.close();

// Prints:
//   BUDGET_EXCEEDED by modelCalls
//   kept: draft 2
//   requests: 5; told with request 4:
//   80 % of the limit of 5 model calls is used. Finish the most important part now and report what is left.
