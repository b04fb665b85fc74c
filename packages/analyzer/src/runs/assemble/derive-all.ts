import type { PriceBook } from "../../usage/price-book.ts";
import {
  byStart,
  endOf,
  isModel,
  isSeen,
  isTool,
  type ModelRecord,
  type RunAssembly,
  startMsOf,
  type StepRecord,
  type ToolRecord,
} from "./assembly-state.ts";
import { type DerivedStep, deriveModelStep, deriveSyntheticStep, deriveToolStep } from "./derive-steps.ts";
import { type Duplicates, findDuplicates, isSupplement } from "./duplicates.ts";
import { linkTools } from "./link-tools.ts";
import { type ModelCallRecords, type RequestedCall, requestedCalls } from "./requested-calls.ts";
import { keysOf } from "./record-keys.ts";
import { wasRequested } from "./settled-marks.ts";
import { hashOf } from "./text-hash.ts";

/** A step that the records amount to, worked out only where something about it may have changed. */
export interface StepCandidate {
  stepId: string;
  startMs: number;
  retracted: boolean;
  /** Changes with everything that the step rests on besides its own records; 0 for nothing. */
  basis: number;
  /** Whether one of its own records is new or changed. */
  isTouched: boolean;
  derive(): DerivedStep;
}

const basisOf = (text: string): number => (text === "" ? 0 : hashOf(text));
const retractedBasis = basisOf("retracted");

/** One look at all records of a run. */
class Derivation {
  readonly #run: RunAssembly;
  readonly #before: RunAssembly["records"];
  readonly #prices: PriceBook;
  readonly #duplicates: Duplicates;

  constructor(run: RunAssembly, before: RunAssembly["records"], prices: PriceBook) {
    this.#run = run;
    this.#before = before;
    this.#prices = prices;
    this.#duplicates = findDuplicates(run.records);
  }

  candidates(): StepCandidate[] {
    const seen = Object.values(this.#run.records).filter(isSeen).toSorted(byStart);
    const steps = seen.filter((record) => !isSupplement(record));
    const originals = steps.filter((record) => this.#isOriginal(record));
    const models = originals.filter(isModel).map((record) => this.#withDuplicates(record));
    const tools = originals.filter(isTool);
    const calls = requestedCalls(models, (callId, told) => wasRequested(this.#run, callId, told));
    const links = linkTools(tools, calls);
    const knownNames = new Set(calls.map((call) => call.name));
    const linked = new Set(links.values());
    return [
      ...models.map((records) => this.#modelCandidate(records)),
      ...tools.map((record) => this.#toolCandidate(record, { call: links.get(record), knownNames })),
      ...calls.flatMap((call) => this.#syntheticCandidate(call, linked.has(call))),
      ...steps
        .filter((record) => !this.#isOriginal(record))
        .map((record) => this.#retractedCandidate(record)),
    ];
  }

  #isOriginal(record: StepRecord): boolean {
    const { key } = keysOf(record);
    return this.#duplicates.originalOf(key) === undefined && !this.#duplicates.isWrapper(key);
  }

  #duplicateKeys(record: StepRecord): readonly string[] {
    return this.#duplicates.duplicatesOf(keysOf(record).key);
  }

  #duplicateRecords<Kind extends StepRecord>(
    record: StepRecord,
    isKind: (other: StepRecord) => other is Kind,
  ): Kind[] {
    return this.#duplicateKeys(record).flatMap((key) => {
      const other = this.#run.records[key];
      return other !== undefined && isKind(other) ? [other] : [];
    });
  }

  #withDuplicates(record: ModelRecord): ModelCallRecords {
    return { record, duplicates: this.#duplicateRecords(record, isModel) };
  }

  #frame(record: StepRecord): Pick<StepCandidate, "stepId" | "startMs" | "retracted" | "isTouched"> {
    const { key, stepId } = keysOf(record);
    const isTouched =
      record !== this.#before[key] ||
      this.#duplicateKeys(record).some((other) => this.#run.records[other] !== this.#before[other]);
    return { stepId, startMs: startMsOf(record), retracted: false, isTouched };
  }

  #modelCandidate(records: ModelCallRecords): StepCandidate {
    return {
      ...this.#frame(records.record),
      basis: basisOf(this.#duplicateKeys(records.record).join()),
      derive: () => deriveModelStep(this.#run, records, this.#prices),
    };
  }

  #toolCandidate(
    record: ToolRecord,
    { call, knownNames }: { call: RequestedCall | undefined; knownNames: ReadonlySet<string> },
  ): StepCandidate {
    const duplicates = this.#duplicateRecords(record, isTool);
    const isKnown = knownNames.has(endOf(record)?.toolName ?? record.start?.toolName ?? "");
    const duplicateKeys = this.#duplicateKeys(record).join();
    const callBasis = call === undefined ? "" : `/${call.stepId}${String(call.isAnswered)}${String(isKnown)}`;
    return {
      ...this.#frame(record),
      basis: basisOf(duplicateKeys + callBasis),
      derive: () => deriveToolStep(this.#run, { record, call, knownNames, duplicates }),
    };
  }

  #syntheticCandidate(call: RequestedCall, isLinked: boolean): StepCandidate[] {
    const asker = this.#run.records[call.requestedBy];
    if (asker === undefined || !call.isAnswered) return [];
    return [
      {
        stepId: call.stepId,
        startMs: call.requestedAtMs,
        retracted: isLinked,
        basis: basisOf(`${String(isLinked)}${String(call.requestedAtMs)}/${String(call.answeredAtMs)}`),
        isTouched: asker !== this.#before[call.requestedBy],
        derive: () => ({ ...deriveSyntheticStep(this.#run, call, asker.place), retracted: isLinked }),
      },
    ];
  }

  #retractedCandidate(record: StepRecord): StepCandidate {
    return {
      ...this.#frame(record),
      retracted: true,
      basis: retractedBasis,
      derive: () => ({ ...this.#alone(record), retracted: true }),
    };
  }

  #alone(record: StepRecord): DerivedStep {
    return isModel(record)
      ? deriveModelStep(this.#run, { record, duplicates: [] }, this.#prices)
      : deriveToolStep(this.#run, { record, duplicates: [], call: undefined, knownNames: new Set() });
  }
}

/**
 * All steps that the records of a run amount to. Those that are no steps of their own come out retracted.
 * @param before the records as they were when steps were last derived
 */
export function stepCandidates(
  run: RunAssembly,
  before: RunAssembly["records"],
  prices: PriceBook,
): StepCandidate[] {
  return new Derivation(run, before, prices).candidates();
}
