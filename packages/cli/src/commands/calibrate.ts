import type { Command } from "commander";
import { type Embedder, RejectedError } from "@plumbline/contracts";
import {
  type CalibrationReport,
  calibrate,
  comparableText,
  miniLmCalibration,
  type NeighbourPair,
  pairFactsOf,
  parseRunRecord,
  requestOfStep,
  stepsOfRecord,
} from "@plumbline/detection";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { readCalibrations, writeCalibration } from "../compose/calibrations.ts";
import { openEmbedder } from "../compose/open-embedder.ts";
import { loadSettings } from "../config/load-settings.ts";
import { readLines } from "./eval/read-lines.ts";

interface CalibrateOptions extends JsonOption {
  config?: string;
}

type TextPair = readonly [string, string];

const maxApart = 3;
const maxPairs = 4_000;
const batchTexts = 64;

/** Different requests of one tool that one run made shortly after each other. */
function neighboursIn(line: string): TextPair[] {
  const requests = stepsOfRecord(parseRunRecord(line)).flatMap(({ step }) => {
    const text = requestOfStep(step);
    return text === null ? [] : [{ tool: step.name, text }];
  });
  return requests.flatMap((later, index) =>
    requests
      .slice(Math.max(0, index - maxApart), index)
      .filter((earlier) => earlier.tool === later.tool && earlier.text !== later.text)
      .map((earlier) => [earlier.text, later.text] as const),
  );
}

async function readPairs(files: readonly string[], context: CommandContext): Promise<TextPair[]> {
  const pairs: TextPair[] = [];
  for (const file of files) {
    const lines = readLines(file, {
      parse: neighboursIn,
      onFailure: ({ line, reason }) => context.printError(`${file}:${String(line)}: ${reason}`),
    });
    for await (const found of lines) pairs.push(...found);
  }
  const every = Math.max(1, Math.ceil(pairs.length / maxPairs));
  return pairs.filter((_, index) => index % every === 0);
}

async function vectorsOf(texts: readonly string[], embedder: Embedder): Promise<Map<string, Float32Array>> {
  const vectors = new Map<string, Float32Array>();
  for (let at = 0; at < texts.length; at += batchTexts) {
    const batch = texts.slice(at, at + batchTexts);
    const embedded = await embedder.embed(batch);
    embedded.forEach((vector, index) => vectors.set(batch[index] ?? "", vector));
  }
  return vectors;
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

async function measured(pairs: readonly TextPair[], embedder: Embedder): Promise<NeighbourPair[]> {
  const vectors = await vectorsOf([...new Set(pairs.flat())], embedder);
  return pairs.map(([first, second]) => {
    const [a, b] = [vectors.get(first), vectors.get(second)];
    const cosine = a === undefined || b === undefined ? null : dot(a, b);
    return { facts: pairFactsOf(comparableText(first), comparableText(second)), cosine };
  });
}

function formatReport({
  calibration,
  pairs,
  restatedBefore,
  restatedNow,
}: CalibrationReport & { file: string }): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const { mean, deviation } = calibration.neighbours;
  return [
    `${calibration.embedder}: ${String(pairs)} neighbouring requests, cosine ${mean.toFixed(3)} ± ${deviation.toFixed(3)}.`,
    `Counted as restated: ${percent(restatedBefore)} of them before, ${percent(restatedNow)} now.`,
  ].join("\n");
}

export function addCalibrateCommand(program: Command, context: CommandContext): void {
  program
    .command("calibrate")
    .description("fit the comparison of requests to own runs and the embedder that is set; used from then on")
    .argument("<file...>", "recorded runs, one JSON record per line (as for eval)")
    .option("--config <file>", "configuration file")
    .option("--json", "print JSON")
    .action(async (files: string[], options: CalibrateOptions) => {
      const settings = await loadSettings({
        file: options.config,
        environment: context.environment,
        flags: {},
      });
      await readCalibrations(settings.dataDirectory);
      const pairs = await readPairs(files, context);
      const embedder = await openEmbedder(settings.embedder);
      if (embedder === null)
        throw new RejectedError("There is no embedder to calibrate.", {
          code: "NO_EMBEDDER",
          mend: "Set embedder.kind to minilm or openai.",
        });
      try {
        const base = miniLmCalibration;
        const report = calibrate(await measured(pairs, embedder), { embedder: embedder.id, base });
        if (report === null)
          throw new RejectedError(
            `${String(pairs.length)} neighbouring requests are too few to calibrate by.`,
            {
              code: "TOO_FEW_PAIRS",
              mend: "Give more runs, or runs whose tools are asked in words.",
            },
          );
        const file = await writeCalibration(settings.dataDirectory, report.calibration);
        printResult(
          context,
          { ...report, file },
          {
            json: options.json,
            format: (done) =>
              `${formatReport(done)}\nWritten to ${done.file}; running processes use it after a restart.`,
          },
        );
      } finally {
        await embedder.close();
      }
    });
}
