import { createOpenAiEmbedder, type ModelForComparison } from "@plumbline/analyzer";
import { type Embedder, messageOf } from "@plumbline/contracts";
import { type Calibration, miniLmCalibration } from "@plumbline/detection";
import type { EmbedderSettings } from "../config/embedder-settings.ts";

/**
 * The embedder of the settings; null for `none`.
 * @throws SetupError when MiniLM's packages don't load
 */
export async function openEmbedder(settings: EmbedderSettings): Promise<Embedder | null> {
  const { kind, model, baseUrl, dimensions, apiKey } = settings;
  if (kind === "none") return null;
  if (kind === "openai") return createOpenAiEmbedder({ baseUrl, model: model ?? "", dimensions, apiKey });
  const { openMiniLm } = await import("@plumbline/minilm");
  return openMiniLm();
}

export interface OpenModelOptions {
  settings: EmbedderSettings;
  /** Made from own runs; they come before the shipped ones. */
  calibrations: readonly Calibration[];
  /** One line on why requests are compared by words alone. */
  onUnavailable: (reason: string) => void;
}

/** The embedder with the calibration that belongs to it; null compares by words alone. */
export async function openModel(options: OpenModelOptions): Promise<ModelForComparison | null> {
  try {
    const embedder = await openEmbedder(options.settings);
    if (embedder === null) return null;
    const known = [...options.calibrations, miniLmCalibration];
    const calibration = known.find((one) => one.embedder === embedder.id);
    if (calibration !== undefined) return { embedder, calibration };
    options.onUnavailable(`${embedder.id} has no calibration yet: run plumbline calibrate on recorded runs.`);
    await embedder.close();
    return null;
  } catch (error) {
    options.onUnavailable(messageOf(error));
    return null;
  }
}
