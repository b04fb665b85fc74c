import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { parse as parseYaml } from "yaml";
import { messageOf, SetupError } from "@plumbline/contracts";
import {
  createMonitor,
  createPolicy,
  locateMistake,
  outcomesOfRecord,
  parseLoopVerdict,
  parsePeerRow,
  parseRunRecord,
  type Policy,
  type RunRecord,
  scoredRunOf,
  type ScoredRun,
  scorePeers,
  summariseEvaluation,
  throughFingerprints,
} from "@plumbline/detection";
import type { CommandContext, JsonOption } from "../../command-context.ts";
import { positiveInteger } from "../arguments.ts";
import { ablationOf } from "./ablation.ts";
import { comparingWith, evaluated, type EmbedderName, embedderNames } from "./comparing.ts";
import { evaluateDrift } from "./drift.ts";
import { formatEvaluation } from "./format-evaluation.ts";
import { LineFailures } from "./line-failures.ts";
import { type LineFailure, readLines } from "./read-lines.ts";

/** Any key gives the same verdicts. */
const evaluationKey = "evaluation";

interface EvalOptions extends JsonOption {
  labels?: string;
  policy?: string;
  peers?: string;
  locate?: boolean;
  outcomes?: boolean;
  fingerprints?: boolean;
  drift?: boolean;
  ablation?: boolean;
  embedder: EmbedderName;
  every: number;
  exclude?: string;
}

async function readPolicy(file: string | undefined): Promise<Policy> {
  if (file === undefined) return createPolicy({ profile: "enforce" });
  try {
    const text = await readFile(file, "utf8");
    return createPolicy({ profile: "enforce", ...(parseYaml(text) as object) });
  } catch (cause) {
    throw new SetupError(`${file} is no policy: ${messageOf(cause)}`, { code: "POLICY_UNREADABLE", cause });
  }
}

async function readAll<Value>(file: string | undefined, reader: Reader<Value>): Promise<Value[]> {
  const values: Value[] = [];
  if (file === undefined) return values;
  for await (const value of readLines(file, reader)) values.push(value);
  return values;
}

interface Reader<Value> {
  parse: (line: string) => Value;
  onFailure: (failure: LineFailure) => void;
}

interface Evaluation {
  context: CommandContext;
  options: EvalOptions;
  onFailure: (failure: LineFailure) => void;
}

/** What is printed for one run when it is asked for line by line. */
function linesOf(record: RunRecord, run: ScoredRun, options: EvalOptions): object[] {
  if (options.outcomes === true) return outcomesOfRecord(record);
  if (options.locate === true) return [{ run_id: record.run_id, mistake: locateMistake(record) }];
  return options.json === true ? [run.evaluation] : [];
}

type OnFailure = (failure: LineFailure) => void;

async function* recordsIn(files: readonly string[], onFailure: OnFailure): AsyncGenerator<RunRecord> {
  for (const file of files) yield* readLines(file, { parse: parseRunRecord, onFailure });
}

async function readRecords(files: readonly string[], onFailure: OnFailure): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const record of recordsIn(files, onFailure)) records.push(record);
  return records;
}

async function evaluateFiles(
  files: readonly string[],
  { context, options, onFailure }: Evaluation,
): Promise<ScoredRun[]> {
  const full = createMonitor(await readPolicy(options.policy));
  const monitor = options.fingerprints === true ? throughFingerprints(full, evaluationKey) : full;
  const { compare, close } = comparingWith(
    options.fingerprints === true ? "none" : options.embedder,
    context,
  );
  const runs: ScoredRun[] = [];
  try {
    for await (const record of recordsIn(files, onFailure)) {
      const run = scoredRunOf(record, await evaluated(monitor, record, compare));
      for (const line of linesOf(record, run, options)) context.print(JSON.stringify(line));
      runs.push(run);
    }
    return runs;
  } finally {
    await close();
  }
}

async function ablate(files: readonly string[], { context, options, onFailure }: Evaluation): Promise<void> {
  const verdicts = await readAll(options.labels, { parse: parseLoopVerdict, onFailure });
  const policy = await readPolicy(options.policy);
  context.print(await ablationOf(await readRecords(files, onFailure), { policy, verdicts, context }));
}

async function driftOf(files: readonly string[], { context, options, onFailure }: Evaluation): Promise<void> {
  const records = await readRecords(files, onFailure);
  const { exclude, every } = options;
  const kept = records.filter((record) => exclude === undefined || !record.run_id.includes(exclude));
  const monitor = createMonitor(await readPolicy(options.policy));
  evaluateDrift(kept, { monitor, every, asJson: options.json === true }, context);
}

async function evaluate(files: readonly string[], evaluation: Evaluation): Promise<void> {
  const { context, options, onFailure } = evaluation;
  const verdicts = await readAll(options.labels, { parse: parseLoopVerdict, onFailure });
  const peerRows = await readAll(options.peers, { parse: parsePeerRow, onFailure });
  const runs = await evaluateFiles(files, evaluation);
  if (options.outcomes === true || options.locate === true) return;
  const summary = summariseEvaluation(runs, verdicts);
  const peers = options.peers === undefined ? null : scorePeers(peerRows, verdicts);
  if (options.json !== true) context.print(formatEvaluation(summary, peers));
  else if (options.labels !== undefined) context.print(JSON.stringify({ summary, peers }));
}

function taskOf({ drift, ablation }: EvalOptions): typeof evaluate {
  if (drift === true) return driftOf;
  return ablation === true ? ablate : evaluate;
}

export function addEvalCommand(program: Command, context: CommandContext): void {
  program
    .command("eval")
    .description("run recorded runs through detection and score what it would have done")
    .argument("<file...>", "recorded runs, one JSON record per line")
    .option("--labels <file>", "hand-read verdicts to score against, one per line")
    .option("--policy <file>", "policy to decide by (YAML or JSON); everything enforced when absent")
    .option("--peers <file>", "what other detectors did on the same runs, to set beside it")
    .option("--locate", "name the step at which each run most likely went wrong")
    .option("--outcomes", "print how each tool call ended")
    .option("--fingerprints", "let detection see only what an agent sends that keeps its contents to itself")
    .option("--drift", "splice runs of different goals and score how soon the change is noticed")
    .option("--every <count>", "with --drift: take one run in so many", positiveInteger, 4)
    .option("--exclude <text>", "with --drift: leave out runs whose id holds this text")
    .option("--ablation", "with --labels: score the stages that compare calls one by one")
    .addOption(
      new Option("--embedder <name>", "what compares requests in other words")
        .choices(embedderNames)
        .default("minilm"),
    )
    .option("--json", "print JSON lines, one per run, the score last")
    .action(async (files: string[], options: EvalOptions) => {
      const failures = new LineFailures((text) => context.printError(text));
      const onFailure: OnFailure = (failure) => failures.add(failure);
      // A pattern like data/*.jsonl may well name the verdicts among the runs.
      const runs = files.filter((file) => file !== options.labels && file !== options.peers);
      await taskOf(options)(runs, { context, options, onFailure });
      failures.summarise();
    });
}
