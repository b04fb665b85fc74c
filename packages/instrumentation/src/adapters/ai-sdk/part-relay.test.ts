import { describe, expect, it } from "vitest";
import { PartRelay } from "./part-relay.ts";

async function* counting(log: string[], most: number): AsyncGenerator<number> {
  try {
    for (let part = 1; part <= most; part += 1) {
      log.push(`made ${String(part)}`);
      yield part;
    }
  } finally {
    log.push("closed");
  }
}

async function read(parts: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

describe("the parts of a streaming tool", () => {
  it("come one by one, and the last is its result", async () => {
    const relay = new PartRelay();
    expect(await read(relay.until(relay.take(counting([], 3))))).toEqual([1, 2, 3]);
  });

  it("are followed by what stands in the place of the result", async () => {
    const relay = new PartRelay();
    const done = relay.take(counting([], 2)).then(() => "in its place");
    expect(await read(relay.until(done))).toEqual([1, 2, "in its place"]);
  });

  it("end with what the tool throws", async () => {
    const relay = new PartRelay();
    const done = relay.take(counting([], 1)).then(() => Promise.reject(new Error("broken")));
    const parts = relay.until(done);
    expect(await parts.next()).toEqual({ done: false, value: 1 });
    await expect(parts.next()).rejects.toThrow("broken");
  });

  it("are no more made once nobody reads them", async () => {
    const log: string[] = [];
    const relay = new PartRelay();
    const done = relay.take(counting(log, 100));
    for await (const part of relay.until(done)) if (part === 2) break;
    await done;
    expect(log.at(-1)).toBe("closed");
    expect(log.length).toBeLessThan(6);
  });
});
