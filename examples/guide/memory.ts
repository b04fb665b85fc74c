// A long conversation is kept within what the model can read; the goal, the instructions and open calls stay.
//   node examples/guide/memory.ts
import { supervise } from "@plumbline/instrumentation";

const step = (index: number) => [
  { role: "assistant", content: "", tool_calls: [{ id: `c${String(index)}` }] },
  {
    role: "tool",
    tool_call_id: `c${String(index)}`,
    content: `Page ${String(index)} is about birds. ${"…".repeat(400)}`,
  },
];
const messages = [
  { role: "system", content: "Answer in one sentence." },
  { role: "user", content: "Which page is about bears?" },
  ...Array.from({ length: 20 }, (_, index) => step(index)).flat(),
];

await supervise({ name: "reader" }, async (run) => {
  const memory = run.memory<(typeof messages)[number]>({ maxTokens: 1000, keepTurns: 4 });
  const prompt = await memory.fit(messages);
  console.log(
    `${String(messages.length)} messages → ${String(prompt.messages.length)}, fits: ${String(prompt.tokens <= 1000)}`,
  );
  console.log(`left out: ${String(prompt.dropped.length)}, tight: ${String(prompt.isTight)}`);
  for (const { role, content } of prompt.messages.slice(0, 3))
    console.log(`${role}: ${content.split("\n").slice(0, 2).join(" ").slice(0, 70)}`);
});

// Prints:
//   42 messages → 15, fits: true
//   left out: 28, tight: true
//   system: Answer in one sentence.
//   user: Which page is about bears?
//   user: [Summary of 28 earlier messages] - tool: Page 0 is about birds.
