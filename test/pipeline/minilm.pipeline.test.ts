import { afterAll, describe, expect, test } from "vitest";
import { type MiniLmEmbedder, openMiniLm } from "@plumbline/minilm";

const opened: MiniLmEmbedder[] = [];
async function open(runtime: "native" | "wasm"): Promise<MiniLmEmbedder> {
  const embedder = await openMiniLm({ runtime });
  opened.push(embedder);
  return embedder;
}
afterAll(() => Promise.all(opened.map((embedder) => embedder.close())));

const dot = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
  Array.from(a ?? []).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);

const texts = [
  "The order was refunded to the customer's card.",
  "We gave the customer the money back on their card.",
  "The nightly backup of the database has finished.",
];

describe.each(["native", "wasm"] as const)("MiniLM on the %s runtime", (runtime) => {
  test("puts the same thing in other words nearer than another thing", async () => {
    const embedder = await open(runtime);
    expect(embedder.runtime).toBe(runtime);
    const [refund, again, backup] = await embedder.embed(texts);
    expect(dot(refund, refund)).toBeCloseTo(1, 4);
    expect(dot(refund, again)).toBeGreaterThan(dot(refund, backup) + 0.3);
  });

  test(
    "answers in the order of the texts, whatever their length, many at once",
    { timeout: 20_000 },
    async () => {
      const embedder = await open(runtime);
      const many = Array.from(
        { length: 40 },
        (_, index) => `${"word ".repeat(index % 7)}${texts[index % 3] ?? ""}`,
      );
      const together = await embedder.embed(many);
      const alone = await embedder.embed([many[17] ?? ""]);
      expect(together).toHaveLength(40);
      expect(dot(together[17], alone[0])).toBeGreaterThan(0.98);
    },
  );
});

describe("MiniLM", () => {
  test("reads head and tail of a long text", async () => {
    const embedder = await open("native");
    const filler = "lorem ipsum dolor sit amet ".repeat(400);
    const [ending, other] = await embedder.embed([`${filler}refund denied`, `${filler}backup finished`]);
    expect(dot(ending, other)).toBeLessThan(0.995);
  });

  test("gives up on an aborted call and refuses one after it was closed", async () => {
    const embedder = await open("native");
    await expect(embedder.embed(texts, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    const closing = embedder.embed(Array.from({ length: 200 }, (_, index) => `text ${String(index)}`));
    const refused = expect(closing).rejects.toThrow("closed");
    await embedder.close();
    await refused;
    await expect(embedder.embed(texts)).rejects.toThrow("closed");
  });
});
