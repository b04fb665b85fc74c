import { noUsage } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { createPriceBook, type PricedCall } from "./price-book.ts";

const call = (requestModel: string, tokens: Partial<PricedCall["usage"]> = {}): PricedCall => ({
  provider: "openai",
  requestModel,
  responseModel: null,
  usage: { ...noUsage, inputTokens: 1_000_000, outputTokens: 100_000, ...tokens },
  atMs: Date.UTC(2026, 5, 1),
});

test("a published price is used", () => {
  expect(createPriceBook().costMicroUsd(call("gpt-4o-mini"))).toBeCloseTo(150_000 + 60_000);
});

test("cached input costs less", () => {
  const book = createPriceBook();
  expect(book.costMicroUsd(call("gpt-4o-mini", { cachedInputTokens: 500_000 }))).toBeLessThan(
    book.costMicroUsd(call("gpt-4o-mini")) ?? 0,
  );
});

test("an unknown model has no price, never zero", () => {
  expect(createPriceBook().costMicroUsd(call("in-house-7b"))).toBeNull();
});

test("an unknown provider does not hide a known model", () => {
  expect(
    createPriceBook().costMicroUsd({ ...call("gpt-4o-mini"), provider: "some-gateway" }),
  ).toBeGreaterThan(0);
});

test("the user's own price comes first", () => {
  const book = createPriceBook({ "gpt-4o-mini": { inputUsd: 1, outputUsd: 10, cachedInputUsd: 0.5 } });
  expect(book.costMicroUsd(call("gpt-4o-mini", { cachedInputTokens: 400_000 }))).toBe(
    600_000 + 200_000 + 1_000_000,
  );
});

test("a model is priced by what answered, before what was asked for", () => {
  const book = createPriceBook({
    cheap: { inputUsd: 1, outputUsd: 0 },
    alias: { inputUsd: 9, outputUsd: 0 },
  });
  expect(book.costMicroUsd({ ...call("alias"), responseModel: "cheap" })).toBe(1_000_000);
});
