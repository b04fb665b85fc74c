import { type OpenModel, TextComparer } from "@plumbline/analyzer";
import {
  type CompareTexts,
  evaluateRun,
  evaluateRunComparing,
  type Monitor,
  type RunEvaluation,
  type RunRecord,
  type RunState,
} from "@plumbline/detection";
import type { CommandContext } from "../../command-context.ts";
import { readCalibrations } from "../../compose/calibrations.ts";
import { openModel } from "../../compose/open-embedder.ts";
import { embedderSettingsSchema } from "../../config/embedder-settings.ts";
import { defaultDataDirectory } from "../../config/settings.ts";

/** `none` compares nothing; `lexical` entities and words; `minilm` vectors too. */
export const embedderNames = ["none", "lexical", "minilm"] as const;
export type EmbedderName = (typeof embedderNames)[number];

/** Figures must not depend on how busy the machine is. */
const timeoutMs = 120_000;

export interface Comparing {
  /** Null where nothing is compared. */
  compare: CompareTexts | null;
  close: () => Promise<void>;
}

function openMiniLmOf(context: CommandContext): OpenModel {
  return async () =>
    openModel({
      settings: embedderSettingsSchema.parse({ kind: "minilm" }),
      calibrations: await readCalibrations(defaultDataDirectory(context.environment)),
      onUnavailable: (reason) => context.printError(`Requests are compared by words alone. ${reason}`),
    });
}

/** Reads a run, comparing where there is something to compare with. */
export function evaluated(
  monitor: Monitor<RunState>,
  record: RunRecord,
  compare: CompareTexts | null,
): Promise<RunEvaluation> {
  return compare === null
    ? Promise.resolve(evaluateRun(monitor, record))
    : evaluateRunComparing(monitor, record, compare);
}

/** Compares requests as the analyzer does. */
export function comparingWith(name: EmbedderName, context: CommandContext): Comparing {
  if (name === "none") return { compare: null, close: () => Promise.resolve() };
  const comparer = new TextComparer({
    openModel: name === "minilm" ? openMiniLmOf(context) : null,
    clock: context.clock,
    timeoutMs,
  });
  return {
    compare: async (text, others) => {
      const { sameness, means } = await comparer.compare(text, others);
      return { sameness, degraded: means !== "embedded" && means !== "lexical" };
    },
    close: () => comparer.close(),
  };
}
