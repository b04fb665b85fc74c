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
import {
  type DerivedStep,
  deriveModelStep,
  deriveSyntheticStep,
  deriveToolStep,
  takenFrom,
} from "./derive-steps.ts";
import { type Duplicates, findDuplicates, isSupplement } from "./duplicates.ts";
import { linkTools } from "./link-tools.ts";
import { type ModelCallRecords, type RequestedCall, requestedCalls } from "./requested-calls.ts";
import { keysOf } from "./record-keys.ts";
import { emittedOf, recordOf } from "./run-index.ts";
import { isSettled, wasRequested } from "./settled-marks.ts";
import { hashOf } from "./text-hash.ts";

/** A step that the records amount to and about which something may have changed. */
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

/** What a look at the records of a run gives. */
export interface Look {
  changed: readonly StepCandidate[];
  /** Ids of the calls without a span that are steps, linked or not. */
  standing: ReadonlySet<string>;
}

interface Originals {
  models: readonly ModelCallRecords[];
  tools: readonly ToolRecord[];
  calls: readonly RequestedCall[];
}

/** One look at all records of a run. */
class Derivation {
  readonly #run: RunAssembly;
  /** Records that are new or changed. */
  readonly #touched: ReadonlySet<StepRecord>;
  readonly #prices: PriceBook;
  readonly #duplicates: Duplicates;
  readonly #changed: StepCandidate[] = [];
  readonly #standing = new Set<string>();

  constructor(run: RunAssembly, touched: readonly StepRecord[], prices: PriceBook) {
    this.#run = run;
    this.#touched = new Set(touched);
    this.#prices = prices;
    this.#duplicates = findDuplicates(run.records);
  }

  look(): Look {
    const seen = this.#run.records.filter(isSeen).sort(byStart);
    const models: ModelCallRecords[] = [];
    const tools: ToolRecord[] = [];
    const others: StepRecord[] = [];
    for (const record of seen) {
      if (isSupplement(record)) continue;
      if (!this.#isOriginal(record)) others.push(record);
      else if (isModel(record)) models.push(this.#withDuplicates(record));
      else tools.push(record);
    }
    const calls = requestedCalls(models, (callId, told) => wasRequested(this.#run, callId, told));
    this.#addAll({ models, tools, calls });
    for (const record of others) this.#addRetracted(record);
    return { changed: this.#changed, standing: this.#standing };
  }

  #addAll({ models, tools, calls }: Originals): void {
    const links = linkTools(tools, calls);
    const knownNames = new Set(calls.map((call) => call.name));
    const linked = new Set(links.values());
    for (const records of models) this.#addModel(records);
    for (const record of tools) this.#addTool(record, { call: links.get(record), knownNames });
    for (const call of calls) this.#addSynthetic(call, linked.has(call));
  }

  /** Keeps what may have changed since it was last said. */
  #add(candidate: StepCandidate): void {
    const { stepId, retracted, isTouched, basis } = candidate;
    const before = emittedOf(this.#run.emitted, stepId);
    const mayHaveChanged =
      before === undefined
        ? !retracted && !isSettled(this.#run, "step", stepId)
        : isTouched || basis !== before.basis;
    if (mayHaveChanged) this.#changed.push(candidate);
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
      const other = recordOf(this.#run.records, key);
      return other !== undefined && isKind(other) ? [other] : [];
    });
  }

  #withDuplicates(record: ModelRecord): ModelCallRecords {
    return { record, duplicates: this.#duplicateRecords(record, isModel) };
  }

  #frame(record: StepRecord): Pick<StepCandidate, "stepId" | "startMs" | "retracted" | "isTouched"> {
    const { stepId } = keysOf(record);
    const isTouched =
      this.#isTouched(record) ||
      this.#duplicateKeys(record).some((key) => this.#isTouched(recordOf(this.#run.records, key)));
    return { stepId, startMs: startMsOf(record), retracted: false, isTouched };
  }

  #isTouched(record: StepRecord | undefined): boolean {
    return record !== undefined && this.#touched.has(record);
  }

  #addModel(records: ModelCallRecords): void {
    this.#add({
      ...this.#frame(records.record),
      basis: basisOf(this.#duplicateKeys(records.record).join()),
      derive: () => deriveModelStep(this.#run, records, this.#prices),
    });
  }

  #addTool(
    record: ToolRecord,
    { call, knownNames }: { call: RequestedCall | undefined; knownNames: ReadonlySet<string> },
  ): void {
    const duplicates = this.#duplicateRecords(record, isTool);
    const isKnown = knownNames.has(endOf(record)?.toolName ?? record.start?.toolName ?? "");
    const records = { record, call, knownNames, duplicates };
    const duplicateKeys = this.#duplicateKeys(record).join();
    const callBasis =
      call === undefined ? "" : `/${call.stepId}${takenFrom(call, records)}${String(isKnown)}`;
    this.#add({
      ...this.#frame(record),
      basis: basisOf(duplicateKeys + callBasis),
      derive: () => deriveToolStep(this.#run, records),
    });
  }

  #addSynthetic(call: RequestedCall, isLinked: boolean): void {
    const asker = recordOf(this.#run.records, call.requestedBy);
    if (asker === undefined || !call.isAnswered) return;
    this.#standing.add(call.stepId);
    this.#add({
      stepId: call.stepId,
      startMs: call.requestedAtMs,
      retracted: isLinked,
      basis: basisOf(`${String(isLinked)}${String(call.requestedAtMs)}/${String(call.answeredAtMs)}`),
      isTouched: this.#isTouched(asker),
      derive: () => ({ ...deriveSyntheticStep(this.#run, call, asker.place), retracted: isLinked }),
    });
  }

  #addRetracted(record: StepRecord): void {
    this.#add({
      ...this.#frame(record),
      retracted: true,
      basis: retractedBasis,
      derive: () => ({ ...this.#alone(record), retracted: true }),
    });
  }

  #alone(record: StepRecord): DerivedStep {
    return isModel(record)
      ? deriveModelStep(this.#run, { record, duplicates: [] }, this.#prices)
      : deriveToolStep(this.#run, { record, duplicates: [], call: undefined, knownNames: new Set() });
  }
}

/**
 * The steps that the records of a run amount to, as far as they may have changed. Those that are no steps of their own come
 * out retracted.
 * @param changed the records that are new or different since steps were last derived
 */
export function lookAgain(run: RunAssembly, changed: readonly StepRecord[], prices: PriceBook): Look {
  return new Derivation(run, changed, prices).look();
}
