// Finds the weights of goal-drift on recorded runs and says what leaving a source out costs.
// npx node --conditions=@plumbline/source bench/drift-weights.ts RUNS.jsonl… [--exclude TEXT]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  createMonitor,
  createPolicy,
  type DriftFacts,
  driftFactsOf,
  driftWeights,
  type MonitorOutput,
  parseRunRecord,
  promptAckOf,
  type SplicedRun,
  spliceRuns,
  stepsOfRecord,
} from "@plumbline/detection";

type Weights = DriftFacts;
type Name = keyof Weights;
const names = Object.keys(driftWeights) as Name[];

/** The moments of a run at which drift may be told, and whether an unmet id told of it anyway. */
interface Sample {
  kind: SplicedRun["kind"];
  source: string;
  isTold: boolean;
  moments: DriftFacts[];
}

const withinSteps = 10;
const loops: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);
const monitor = createMonitor(
  createPolicy({ profile: "enforce", detectors: { "goal-drift": { enabled: false } } }),
);

const tellsOfUnmetIds = (output: MonitorOutput): boolean =>
  output.type === "finding" &&
  output.finding.kind === "invalid-call" &&
  output.finding.intervention !== "observe";

function sampleOf({ kind, source, record, splicedAt }: SplicedRun): Sample {
  let state = monitor.begin({ tenantId: "", runId: "run", agentName: "agent" });
  const start = { goal: record.task ?? "", limits: {}, hasGate: true, atMs: 0 };
  ({ state } = monitor.next(state, { type: "run-start", ...start }));
  const sample: Sample = { kind, source, isTold: false, moments: [] };
  const isInTime = (index: number): boolean =>
    splicedAt === null || (index >= splicedAt && index <= splicedAt + withinSteps);
  for (const { step, index } of stepsOfRecord(record)) {
    const { state: next, outputs } = monitor.next(state, { type: "step", step });
    state = next;
    if (isInTime(index)) sample.isTold ||= outputs.some(tellsOfUnmetIds);
    for (const command of outputs.flatMap((output) => (output.type === "command" ? [output.command] : [])))
      ({ state } = monitor.next(state, { type: "ack", ack: promptAckOf(command) }));
    const facts =
      isInTime(index) && !state.episodes.some(({ kind }) => loops.has(kind)) ? driftFactsOf(state) : null;
    if (facts !== null) sample.moments.push(facts);
  }
  return sample;
}

const evidenceOf = (facts: DriftFacts, weights: Weights): number =>
  names.reduce((sum, name) => sum + weights[name] * facts[name], 0);

const strongest = ({ moments }: Sample, weights: Weights): number =>
  moments.reduce((most, facts) => Math.max(most, evidenceOf(facts, weights)), -Infinity);

/** The evidence that no more than a share of the unchanged runs exceed. */
function thresholdAt(samples: readonly Sample[], weights: Weights, share: number): number {
  const controls = samples.filter(({ kind }) => kind === "control");
  const spent = controls.filter(({ isTold }) => isTold).length;
  const evidence = controls
    .filter(({ isTold }) => !isTold)
    .map((sample) => strongest(sample, weights))
    .toSorted((a, b) => b - a);
  return evidence[Math.max(0, Math.floor(share * controls.length) - spent)] ?? Infinity;
}

interface Model {
  weights: Weights;
  threshold: number;
}

function noticed(samples: readonly Sample[], kind: Sample["kind"], { weights, threshold }: Model): number[] {
  const sources = [...new Set(samples.map(({ source }) => source))];
  return sources.flatMap((source) => {
    const own = samples.filter((sample) => sample.source === source && sample.kind === kind);
    const hits = own.filter((sample) => sample.isTold || strongest(sample, weights) > threshold);
    return own.length === 0 ? [] : [hits.length / own.length];
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

const shares = [0.008, 0.01, 0.012, 0.015] as const;

/** Far counts twice: a run that went to another world must not be missed. */
function worth(samples: readonly Sample[], weights: Weights): number {
  return mean(
    shares.map((share) => {
      const model = { weights, threshold: thresholdAt(samples, weights, share) };
      return 2 * mean(noticed(samples, "far", model)) + mean(noticed(samples, "near", model));
    }),
  );
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Known words speak against drift, new ones for it; how much is to be found. */
const plain: Weights = {
  knownWords: -1,
  newWords: 1,
  knownEntities: -1,
  usual: 1,
  recent: -1,
  latest: -1,
  acts: 1,
  elsewhere: 1,
};

/** Random steps uphill, from weights that know nothing of the data. */
function fitted(samples: readonly Sample[], rounds: number): Model {
  const random = randomFrom(7);
  let best = { weights: plain, worth: worth(samples, plain) };
  for (let round = 0; round < rounds; round += 1) {
    const weights = { ...best.weights };
    const name = names[Math.floor(random() * names.length)] ?? "recent";
    weights[name] += Math.max(0.4, Math.abs(weights[name])) * (random() - 0.5);
    const found = worth(samples, weights);
    if (found > best.worth) best = { weights, worth: found };
  }
  return { weights: best.weights, threshold: thresholdAt(samples, best.weights, 0.01) };
}

function report(title: string, samples: readonly Sample[], model: Model): void {
  const [far, near, controls] = (["far", "near", "control"] as const).map((kind) =>
    mean(noticed(samples, kind, model)).toFixed(3),
  );
  process.stdout.write(
    `${title}: far ${far ?? ""}, near ${near ?? ""}, unchanged runs flagged ${controls ?? ""}\n`,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { exclude: { type: "string" } },
});
const records = positionals
  .flatMap((file) => readFileSync(file, "utf8").split("\n"))
  .filter((line) => line !== "")
  .map(parseRunRecord)
  .filter((record) => values.exclude === undefined || !record.run_id.includes(values.exclude));
const samples = spliceRuns(records, { every: 1 }).map(sampleOf);
report("Weights in use", samples, {
  weights: driftWeights,
  threshold: thresholdAt(samples, driftWeights, 0.01),
});
const rounds = 400;
const all = fitted(samples, rounds);
report("All sources", samples, all);
process.stdout.write(`${JSON.stringify(all)}\n`);
for (const source of new Set(samples.map((sample) => sample.source))) {
  const model = fitted(
    samples.filter((sample) => sample.source !== source),
    rounds,
  );
  report(
    `Fitted without ${source}, tested on it`,
    samples.filter((sample) => sample.source === source),
    model,
  );
}
