import { messageOf } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { writeFailed } from "./sqlite-errors.ts";
import { WriteQueue } from "./write-queue.ts";

interface Flush {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** A queue whose transactions do nothing more, and whose disk answers when it is told to. */
function createScene() {
  const flushes: Flush[] = [];
  const seen: string[] = [];
  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      flushes.push({ resolve, reject });
    });
  const queue = new WriteQueue({
    transaction: { run: (work) => work() },
    journal: { flush, wrote: () => undefined },
  });
  const submit = (name: string, durability: "flushed" | "written"): Promise<void> =>
    queue
      .submit({ bytes: 1, durability, onReadable: () => void seen.push(`${name} readable`) }, () => name)
      .then(
        (result) => void seen.push(`${result} done`),
        (error: unknown) => void seen.push(`${name} refused: ${messageOf(error)}`),
      );
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  return { queue, submit, flushes, seen, turn };
}

test("what is to be flushed can be read at once, and is answered for when it is on disk", async () => {
  const { submit, flushes, seen, turn } = createScene();
  void submit("post", "flushed");
  await turn();
  expect(seen).toEqual(["post readable"]);
  flushes[0]?.resolve();
  await turn();
  expect(seen).toEqual(["post readable", "post done"]);
});

test("what was derived waits for no disk", async () => {
  const { submit, flushes, seen } = createScene();
  await submit("observation", "written");
  expect(seen).toEqual(["observation readable", "observation done"]);
  expect(flushes).toEqual([]);
});

test("what is written while the disk is at work shares the next flush", async () => {
  const { submit, flushes, seen, turn } = createScene();
  const first = submit("first", "flushed");
  await turn();
  const later = [submit("second", "flushed"), submit("third", "flushed")];
  await turn();
  expect(flushes).toHaveLength(1);
  flushes[0]?.resolve();
  await first;
  await turn();
  expect(flushes).toHaveLength(2);
  expect(seen).not.toContain("second done");
  flushes[1]?.resolve();
  await Promise.all(later);
  expect(flushes).toHaveLength(2);
});

test("a disk that fails refuses what it should have kept, and is asked again for what comes next", async () => {
  const { queue, submit, flushes, seen, turn } = createScene();
  const refused = submit("lost", "flushed");
  await turn();
  flushes[0]?.reject(writeFailed("bus.sqlite", new Error("input/output error")));
  await refused;
  expect(seen.at(-1)).toContain("lost refused: Writing to bus.sqlite failed: input/output error");
  const kept = submit("kept", "flushed");
  await turn();
  flushes[1]?.resolve();
  await kept;
  expect(seen.at(-1)).toBe("kept done");
  await queue.close();
});

test("closing waits for the disk, and refuses what comes after", async () => {
  const { queue, submit, flushes, seen, turn } = createScene();
  void submit("last", "flushed");
  const closed = queue.close().then(() => seen.push("closed"));
  void submit("late", "flushed");
  await turn();
  expect(seen.some((line) => line.startsWith("late refused"))).toBe(true);
  expect(seen).not.toContain("closed");
  flushes[0]?.resolve();
  await closed;
  expect(seen.slice(-2)).toEqual(["last done", "closed"]);
});
