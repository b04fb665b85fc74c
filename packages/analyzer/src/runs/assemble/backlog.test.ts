import type { Message, Observation } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { assemble } from "./fixtures/assemble.ts";
import {
  answers,
  calls,
  modelEndEvent,
  modelSpan,
  modelStart,
  toolEndEvent,
  toolSpan,
  toolStart,
  user,
} from "./fixtures/observations.ts";

type Source = "start" | "end" | "span";
type Told = [Source, Observation];

/** What an agent with a gate tells of its turns, each a model call and a tool call, prompts with their whole history. */
function toldTurns(turns: number): Told[][] {
  const history: Message[] = [user("Read all shelves")];
  let told = 0;
  return Array.from({ length: turns }, (_unused, turn): Told[] => {
    const second = turn * 10 + 1;
    const id = `call_${String(turn)}`;
    const request = calls(id, "read_shelf", { shelf: turn });
    const call = { name: "read_shelf", id, arguments: JSON.stringify({ shelf: turn }) };
    const result = JSON.stringify({ shelf: turn, book: `b${String(turn * 31)}` });
    const news = history.slice(told);
    const offset = told;
    told = history.length;
    const records: Told[] = [
      ["start", modelStart(second, news, offset)],
      ["end", modelEndEvent(second, [request])],
      ["span", modelSpan(second, { input: [...history], output: [request] })],
      ["start", toolStart(second + 5, call)],
      ["end", toolEndEvent(second + 5, { name: "read_shelf", id, result })],
      ["span", toolSpan(second + 5, { ...call, result })],
    ];
    history.push(request, answers(id, result));
    return records;
  });
}

const bySource = (records: readonly Told[], order: readonly Source[]): Told[] =>
  order.flatMap((source) => records.filter(([told]) => told === source));

describe("the backlog of an outage", () => {
  it.each([
    ["events before spans", ["start", "end", "span"]],
    ["spans before events", ["span", "start", "end"]],
  ] as const)("makes one step of each call, %s", (_name, order) => {
    const turns = toldTurns(110);
    const backlog = bySource(turns.slice(10, 90).flat(), order);
    const records = [...turns.slice(0, 10).flat(), ...backlog, ...turns.slice(90).flat()];
    const { steps } = assemble(records.map(([, observation]) => observation));
    expect(steps).toHaveLength(220);
    expect(new Set(steps.flatMap(({ tool }) => tool?.arguments ?? [])).size).toBe(110);
  });
});
