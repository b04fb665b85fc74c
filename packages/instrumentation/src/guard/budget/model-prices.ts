import { messageOf, SetupError, type Usage } from "@plumbline/contracts";
import type { calcPrice } from "@pydantic/genai-prices";
import { debugLog } from "../../transport/debug-log.ts";

/** What of a call costs money. */
export type PricedUsage = Pick<Usage, "inputTokens" | "outputTokens" | "cachedInputTokens">;

/** Prices of model calls; loaded when a limit on money asks for them. */
export interface ModelPrices {
  /**
   * Loads the price list once.
   * @throws SetupError when the optional package that holds it is not installed
   */
  load(): Promise<void>;
  /** Starts loading without waiting, for limits that arrive while the run is under way. */
  loadInBackground(): void;
  /** US dollars; null when the list is not loaded or does not know the model. */
  priceOf(model: string, usage: PricedUsage): number | null;
}

type CalculatePrice = typeof calcPrice;

export function createModelPrices(): ModelPrices {
  let calculate: CalculatePrice | undefined;
  let loading: Promise<void> | undefined;

  async function importPrices(): Promise<void> {
    try {
      calculate = (await import("@pydantic/genai-prices")).calcPrice;
    } catch (cause) {
      throw new SetupError(
        "A limit in US dollars needs model prices, and @pydantic/genai-prices is not installed.",
        {
          code: "PRICES_MISSING",
          mend: "Run `npm install @pydantic/genai-prices`, or limit tokens instead.",
          cause,
        },
      );
    }
  }

  function load(): Promise<void> {
    loading ??= importPrices();
    return loading;
  }

  return {
    load,
    loadInBackground() {
      load().catch((thrown: unknown) => debugLog("%s", messageOf(thrown)));
    },
    priceOf(model, usage) {
      if (calculate === undefined) return null;
      const { inputTokens, outputTokens, cachedInputTokens } = usage;
      try {
        const counted = {
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          cache_read_tokens: cachedInputTokens,
        };
        return calculate(counted, model)?.total_price ?? null;
      } catch {
        return null;
      }
    },
  };
}
