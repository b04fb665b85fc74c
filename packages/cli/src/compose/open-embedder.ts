import { type Embedder, messageOf } from "@plumbline/contracts";
import {
  createOpenAiEmbedder,
  type ModelForComparison,
  type OpenAiEmbedderOptions,
} from "@plumbline/analyzer";
import { type Calibration, miniLmCalibration } from "@plumbline/detection";

export type EmbedderChoice =
  | { kind: "lexical" }
  | { kind: "minilm" }
  | ({ kind: "openai" } & OpenAiEmbedderOptions);

export interface OpenEmbedderOptions {
  choice: EmbedderChoice;
  /** Calibrations made from own traces; they come before the shipped ones. */
  calibrations: readonly Calibration[];
  /** One line on why texts are compared by words alone. */
  onUnavailable: (reason: string) => void;
}

async function embedderOf(choice: EmbedderChoice): Promise<Embedder | null> {
  if (choice.kind === "lexical") return null;
  if (choice.kind === "openai") return createOpenAiEmbedder(choice);
  const { openMiniLm } = await import("@plumbline/minilm");
  return openMiniLm();
}

/** The embedder with the calibration that belongs to it; null compares by words alone. */
export async function openEmbedder(options: OpenEmbedderOptions): Promise<ModelForComparison | null> {
  try {
    const embedder = await embedderOf(options.choice);
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
