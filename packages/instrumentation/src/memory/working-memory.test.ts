import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MemoryMessage, WorkingMemory } from "./working-memory.ts";

interface Message extends MemoryMessage {
  role: string;
  content: string;
}

const filler = (size: number) => "word ".repeat(Math.ceil(size / 5));

/** Turns as an agent has them: a reply, or calls with their results. */
const turn = fc.oneof(
  fc.record({ size: fc.nat(400) }).map(({ size }) => () => [{ role: "assistant", content: filler(size) }]),
  fc
    .record({ calls: fc.integer({ min: 1, max: 3 }), size: fc.nat(600) })
    .map(({ calls, size }) => (id: number) => {
      const ids = Array.from({ length: calls }, (_, index) => `c${String(id)}-${String(index)}`);
      const asked = { role: "assistant", content: "", tool_calls: ids.map((callId) => ({ id: callId })) };
      return [asked, ...ids.map((callId) => ({ role: "tool", tool_call_id: callId, content: filler(size) }))];
    }),
  fc.record({ size: fc.nat(200) }).map(({ size }) => () => [{ role: "user", content: filler(size) }]),
);
const conversation = fc
  .array(turn, { maxLength: 30 })
  .map((turns): Message[] => [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Refund order 1042." },
    ...turns.flatMap((make, index) => make(index)),
  ]);

const idsOf = (messages: readonly MemoryMessage[]) =>
  messages.flatMap((message) => message.tool_calls ?? []).map(({ id }) => id);

describe("working memory", () => {
  it("leaves a conversation that fits as it is", async () => {
    const messages = [{ role: "user", content: "hello" }];
    const memory = new WorkingMemory({ maxTokens: 100 });
    expect(await memory.fit(messages)).toMatchObject({ messages, dropped: [], isTight: false });
  });

  it("keeps instructions and goal, parts no call from its result, and accounts for every message", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, fc.integer({ min: 200, max: 3000 }), async (messages, maxTokens) => {
        const { messages: kept, dropped } = await new WorkingMemory<Message>({ maxTokens }).fit(messages);
        expect(kept).toContain(messages[0]);
        expect(kept).toContain(messages[1]);
        expect(kept.at(-1)).toBe(messages.at(-1));
        const answered = kept.flatMap((message) => ("tool_call_id" in message ? [message.tool_call_id] : []));
        expect(new Set(answered)).toEqual(new Set(idsOf(kept as Message[])));
        expect(answered.length).toBe(idsOf(kept as Message[]).length);
        const originals = kept.filter((message) => messages.includes(message as Message));
        expect(originals.length + dropped.length).toBe(messages.length);
        expect(kept.length - originals.length).toBe(dropped.length > 0 ? 1 : 0);
        const places = originals.map((message) => messages.indexOf(message as Message));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });

  it("fits whenever what has to stay does", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (messages) => {
        const maxTokens = 1500;
        const { tokens, messages: kept } = await new WorkingMemory<Message>({ maxTokens }).fit(messages);
        const last = messages.slice(messages.findLastIndex(({ role }) => role !== "tool"));
        const mustStay = JSON.stringify([...messages.slice(0, 2), ...last]).length / 4;
        if (mustStay < maxTokens * 0.8) expect(tokens).toBeLessThanOrEqual(maxTokens);
        expect(kept.length).toBeGreaterThan(0);
      }),
    );
  });

  it("never drops a call whose result is still to come", async () => {
    const open = { role: "assistant", content: "", tool_calls: [{ id: "open" }] };
    const messages: Message[] = [
      { role: "user", content: "go" },
      open,
      ...Array.from({ length: 20 }, () => ({ role: "user", content: filler(400) })),
    ];
    const { messages: kept, dropped } = await new WorkingMemory<Message>({ maxTokens: 400 }).fit(messages);
    expect(kept).toContain(open);
    expect(dropped.length).toBeGreaterThan(0);
  });

  it("has what it leaves out summarised, by a model where there is one", async () => {
    const messages: Message[] = [
      { role: "user", content: "go" },
      ...Array.from({ length: 12 }, (_, index) => ({
        role: "assistant",
        content: `Fact ${String(index)}. ${filler(400)}`,
      })),
    ];
    const extractive = await new WorkingMemory<Message>({ maxTokens: 700 }).fit(messages);
    expect(extractive.messages[1]).toMatchObject({
      role: "user",
      content: expect.stringContaining("- assistant: Fact 0."),
    });
    expect(extractive.isTight).toBe(true);
    const summarise = async (dropped: readonly Message[]) => `${String(dropped.length)} facts`;
    const summarised = await new WorkingMemory<Message>({ maxTokens: 700, summarise }).fit(messages);
    expect(summarised.messages[1]?.content).toContain(`${String(summarised.dropped.length)} facts`);
  });

  it("warns before the window is reached", async () => {
    const messages = [{ role: "user", content: filler(360) }];
    expect((await new WorkingMemory({ maxTokens: 110 }).fit(messages)).isTight).toBe(true);
  });
});
