import { createRequire } from "node:module";
import type { calcPrice } from "@pydantic/genai-prices";
import type { Usage } from "@plumbline/contracts";

/** US dollars per million tokens. Cached input costs as much as other input unless a price is given. */
export interface ModelPrice {
  inputUsd: number;
  outputUsd: number;
  cachedInputUsd?: number;
}

export interface PricedCall {
  provider: string;
  requestModel: string;
  responseModel: string | null;
  usage: Usage;
  /** When the call was made: prices change. */
  atMs: number;
}

export interface PriceBook {
  /** Millionths of a US dollar; null when the model's price is not known. */
  costMicroUsd(call: PricedCall): number | null;
}

interface Prices {
  calcPrice: typeof calcPrice;
}

let loaded: Prices | undefined;

/** The table is half a megabyte and most processes price nothing: it is read with the first call that needs it. */
function publishedPrices(): Prices {
  const load = createRequire(import.meta.url);
  loaded ??= load("@pydantic/genai-prices") as Prices;
  return loaded;
}

const microUsdPerUsd = 1_000_000;
const rememberedCosts = 10_000;
const dayMs = 86_400_000;

/** Looking a model up in the published table is costly, and every revision of a step asks again. */
function rememberCosts(costOf: (model: string, call: PricedCall) => number | null): typeof costOf {
  const costs = new Map<string, number | null>();
  return (model, call) => {
    const { provider, usage, atMs } = call;
    const { inputTokens, outputTokens, cachedInputTokens } = usage;
    const key = [
      provider,
      model,
      Math.floor(atMs / dayMs),
      inputTokens,
      outputTokens,
      cachedInputTokens,
    ].join("|");
    const known = costs.get(key);
    if (known !== undefined) return known;
    const cost = costOf(model, call);
    if (costs.size >= rememberedCosts) costs.clear();
    costs.set(key, cost);
    return cost;
  };
}

function overriddenCost(price: ModelPrice, usage: Usage): number {
  const { inputTokens, outputTokens } = usage;
  const cached = Math.min(usage.cachedInputTokens, inputTokens);
  const cachedUsd = price.cachedInputUsd ?? price.inputUsd;
  // Per million tokens and in millionths of a dollar: the factors cancel out.
  return (inputTokens - cached) * price.inputUsd + cached * cachedUsd + outputTokens * price.outputUsd;
}

function publishedCost(model: string, { provider, usage, atMs }: PricedCall): number | null {
  const { calcPrice: priceOf } = publishedPrices();
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const tokens = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    ...(cached > 0 && { cache_read_tokens: cached }),
  };
  const timestamp = new Date(atMs);
  const named = provider === "" ? null : priceOf(tokens, model, { providerId: provider, timestamp });
  const price = named ?? priceOf(tokens, model, { timestamp });
  return price === null ? null : price.total_price * microUsdPerUsd;
}

/**
 * Prices of model calls: published ones, and before them those that the user gave.
 * @param overrides by model name, exactly as requested or answered
 */
export function createPriceBook(overrides: Readonly<Record<string, ModelPrice>> = {}): PriceBook {
  const own = new Map(Object.entries(overrides));
  const costOf = rememberCosts(publishedCost);
  return {
    costMicroUsd(call) {
      const models = [call.responseModel ?? "", call.requestModel].filter((model) => model !== "");
      for (const model of models) {
        const price = own.get(model);
        if (price !== undefined) return overriddenCost(price, call.usage);
      }
      for (const model of models) {
        const cost = costOf(model, call);
        if (cost !== null && Number.isFinite(cost) && cost >= 0) return cost;
      }
      return null;
    },
  };
}
