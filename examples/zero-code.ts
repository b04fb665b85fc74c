// A plain agent: nothing of Plumbline in it. Run it with
//   node --import @plumbline/instrumentation/register examples/zero-code.ts
import OpenAI from "openai";

const client = new OpenAI();
const question = process.argv[2] ?? "Which order did ada@example.com place last?";
const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: question }];
const tools: OpenAI.Chat.ChatCompletionTool[] = [
  {
    type: "function",
    function: { name: "find_orders", parameters: { type: "object", properties: { q: { type: "string" } } } },
  },
];

for (;;) {
  const reply = await client.chat.completions.create({ model: "gpt-5-mini", messages, tools });
  const message = reply.choices[0]?.message;
  if (message === undefined) throw new Error("The model gave no choice.");
  messages.push(message);
  if (message.tool_calls === undefined) {
    console.log(message.content);
    break;
  }
  for (const call of message.tool_calls) {
    messages.push({ role: "tool", tool_call_id: call.id, content: JSON.stringify({ rows: ["order 1042"] }) });
  }
}
