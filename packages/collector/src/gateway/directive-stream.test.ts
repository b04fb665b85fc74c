import { initialDirective, runKey } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { DirectiveStream } from "./directive-stream.ts";
import { DirectiveTable } from "./directive-table.ts";

function tableWith() {
  const table = new DirectiveTable();
  let offset = 0;
  const put = (runId: string, generation: number): string | undefined => {
    const payload = JSON.stringify({ ...initialDirective("", runId), generation });
    const signed = JSON.stringify({ payload, keyId: "k", algorithm: "Ed25519", signature: "s" });
    const value = new TextEncoder().encode(signed);
    offset += 1;
    return table.apply({
      topic: "t",
      partition: 0,
      offset,
      key: runKey("", runId),
      value,
      headers: {},
      timestampMs: 0,
    });
  };
  return { table, put };
}

/** A sink that takes so many writes and then blocks. */
function sinkTaking(room: number) {
  const state = { room, texts: [] as string[], ended: false, destroyed: false };
  return {
    state,
    sink: {
      write(text: string) {
        state.texts.push(text);
        state.room -= 1;
        return state.room > 0;
      },
      end: () => void (state.ended = true),
      destroy: () => void (state.destroyed = true),
    },
  };
}

const runs = new Map(["a", "b"].map((runId) => [runKey("", runId), runId]));
const generationsIn = (texts: string[]): string[] =>
  texts.flatMap((text) => [...text.matchAll(/generation\\":(\d+)/g)].map((match) => match[1] ?? ""));

describe("DirectiveStream", () => {
  it("sends a run that changed many times while the client was slow only once, with the newest", () => {
    const { table, put } = tableWith();
    put("a", 1);
    const { sink, state } = sinkTaking(2);
    const stream = new DirectiveStream({
      table,
      sink,
      runs,
      after: undefined,
      patienceTicks: 2,
      onSlow: () => undefined,
    });
    stream.start();
    for (let generation = 2; generation <= 50; generation += 1) stream.changed(put("a", generation) ?? "");
    expect(state.texts).toHaveLength(2);
    state.room = 100;
    stream.drained();
    expect(generationsIn(state.texts)).toEqual(["1", "50"]);
  });

  it("gives an id only when everything was told", () => {
    const { table, put } = tableWith();
    put("a", 1);
    const { sink, state } = sinkTaking(100);
    const stream = new DirectiveStream({
      table,
      sink,
      runs,
      after: undefined,
      patienceTicks: 2,
      onSlow: () => undefined,
    });
    stream.start();
    expect(state.texts.map((text) => text.includes("id: "))).toEqual([false, false, true]);
  });

  it("cuts a client that takes nothing for too long, and not one that is merely quiet", () => {
    const { table } = tableWith();
    const quiet = sinkTaking(100);
    const stuck = sinkTaking(1);
    const counted: string[] = [];
    const open = (sink: typeof quiet.sink): DirectiveStream =>
      new DirectiveStream({
        table,
        sink,
        runs,
        after: undefined,
        patienceTicks: 2,
        onSlow: () => counted.push("slow"),
      });
    const streams = [open(quiet.sink), open(stuck.sink)];
    for (const stream of streams) stream.start();
    for (let tick = 0; tick < 5; tick += 1) for (const stream of streams) stream.tick();
    expect([quiet.state.destroyed, stuck.state.destroyed]).toEqual([false, true]);
    expect(counted).toHaveLength(1);
  });
});
