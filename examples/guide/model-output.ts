// What a model answers is read by a schema: mended where it is nearly right, asked for again where it is not.
//   node examples/guide/model-output.ts
import { instrumentOpenAI, OutputInvalidError, supervise } from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";
import { z } from "zod";

const answers = ["Total: about twelve.", "```json\n{'total': 12, currency: 'EUR',}\n```"];
const model = await startScriptedModel({
  answer: ({ sequence }) => ({ text: answers[sequence - 1] ?? "no idea" }),
});
const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));
const schema = z.object({ total: z.number(), currency: z.string().length(3) });

async function ask(messages: OpenAI.ChatCompletionMessageParam[]): Promise<string | null | undefined> {
  const reply = await openai.chat.completions.create({ model: "gpt-5-mini", messages });
  return reply.choices[0]?.message.content;
}

await supervise({ name: "totals", goal: "Sum up the invoice" }, async (run) => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: run.goal }];
  const { value, reasks, repaired } = await run.answer({ schema, messages, ask });
  console.log(value, { reasks, repaired });
  console.log(model.requests[1]?.messages.at(-1)?.text.split("\n")[0]);
});

try {
  await supervise({ name: "totals" }, (run) =>
    run.answer({ schema, messages: [{ role: "user" as const, content: "Sum up" }], ask, maxReasks: 1 }),
  );
} catch (thrown) {
  if (thrown instanceof OutputInvalidError) console.log(thrown.reason, "last answer:", thrown.raw);
}
await model.close();

// Prints:
//   { total: 12, currency: 'EUR' } { reasks: 1, repaired: true }
//   Your answer does not fit:
//   RETRY_LIMIT_REACHED last answer: no idea
