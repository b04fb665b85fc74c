import {
  createMonitor,
  type LoopScore,
  type LoopVerdict,
  type Policy,
  type RunRecord,
  scoredRunOf,
  summariseEvaluation,
} from "@plumbline/detection";
import type { CommandContext } from "../../command-context.ts";
import { formatTable } from "../../format/table.ts";
import { comparingWith, evaluated, type EmbedderName } from "./comparing.ts";
import { formatProportion } from "./format-evaluation.ts";

interface Variant {
  name: string;
  embedder: EmbedderName;
  /** Whether calls are compared by their words at all. */
  hasWords: boolean;
}

const variants: readonly Variant[] = [
  { name: "structure only", embedder: "none", hasWords: false },
  { name: "+ lexical", embedder: "none", hasWords: true },
  { name: "+ entity gate", embedder: "lexical", hasWords: true },
  { name: "+ MiniLM", embedder: "minilm", hasWords: true },
];

function policyOf(policy: Policy, { hasWords }: Variant): Policy {
  if (hasWords) return policy;
  const off = { ...policy.detectors["semantic-loop"], enabled: false };
  return { ...policy, detectors: { ...policy.detectors, "semantic-loop": off } };
}

export interface Ablation {
  policy: Policy;
  verdicts: readonly LoopVerdict[];
  context: CommandContext;
}

async function scoreOf(
  records: readonly RunRecord[],
  variant: Variant,
  { policy, verdicts, context }: Ablation,
): Promise<LoopScore> {
  const monitor = createMonitor(policyOf(policy, variant));
  const { compare, close } = comparingWith(variant.embedder, context);
  try {
    const runs = [];
    for (const record of records) runs.push(scoredRunOf(record, await evaluated(monitor, record, compare)));
    return summariseEvaluation(runs, verdicts).overall;
  } finally {
    await close();
  }
}

/** What each stage of the cascade adds, as a table. */
export async function ablationOf(records: readonly RunRecord[], ablation: Ablation): Promise<string> {
  const rows: string[][] = [];
  for (const variant of variants) {
    const { recall, precision, successesHeld, missed } = await scoreOf(records, variant, ablation);
    rows.push([
      variant.name,
      formatProportion(recall),
      formatProportion(precision),
      formatProportion(successesHeld),
      missed.length > 0 && missed.length <= 4 ? missed.join(" ") : String(missed.length),
    ]);
  }
  return formatTable(
    [
      { title: "STAGES" },
      { title: "RECALL" },
      { title: "PRECISION" },
      { title: "SUCCESSES HELD" },
      { title: "MISSED" },
    ],
    rows,
  );
}
