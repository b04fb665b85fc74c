import type { PriceBook } from "../../usage/price-book.ts";
import {
  byStart,
  endOf,
  isModel,
  isSeen,
  isTool,
  type ModelRecord,
  recordKey,
  type RunAssembly,
  startMsOf,
  type StepRecord,
  type ToolRecord,
} from "./assembly-state.ts";
import { type DerivedStep, deriveModelStep, deriveSyntheticStep, deriveToolStep } from "./derive-steps.ts";
import { type Duplicates, findDuplicates, isSupplement } from "./duplicates.ts";
import { linkTools } from "./link-tools.ts";
import { type ModelCallRecords, type RequestedCall, requestedCalls } from "./requested-calls.ts";
import { wasRequested } from "./settled-marks.ts";
import { stepIdOf } from "@plumbline/contracts";

/** A step that the records amount to, worked out only where something about it may have changed. */
export interface StepCandidate {
  stepId: string;
  startMs: number;
  retracted: boolean;
  /** Changes with everything that the step rests on besides its own records. */
  basis: string;
  /** Whether one of its own records is new or changed. */
  isTouched: boolean;
  derive(): DerivedStep;
}

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
    const key = recordKey(record.place);
    return this.#duplicates.originalOf(key) === undefined && !this.#duplicates.isWrapper(key);
  }

  #duplicateKeys(record: StepRecord): readonly string[] {
    return this.#duplicates.duplicatesOf(recordKey(record.place));
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
    const keys = [recordKey(record.place), ...this.#duplicateKeys(record)];
    return {
      stepId: stepIdOf(record.place.traceId, record.place.spanId),
      startMs: startMsOf(record),
      retracted: false,
      isTouched: keys.some((key) => this.#run.records[key] !== this.#before[key]),
    };
  }

  #modelCandidate(records: ModelCallRecords): StepCandidate {
    return {
      ...this.#frame(records.record),
      basis: this.#duplicateKeys(records.record).join(),
      derive: () => deriveModelStep(this.#run, records, this.#prices),
    };
  }

  #toolCandidate(
    record: ToolRecord,
    { call, knownNames }: { call: RequestedCall | undefined; knownNames: ReadonlySet<string> },
  ): StepCandidate {
    const duplicates = this.#duplicateRecords(record, isTool);
    const isKnown = knownNames.has(endOf(record)?.toolName ?? record.start?.toolName ?? "");
    const callBasis = call === undefined ? "" : `${call.stepId}${String(call.isAnswered)}${String(isKnown)}`;
    return {
      ...this.#frame(record),
      basis: `${this.#duplicateKeys(record).join()}/${callBasis}`,
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
        basis: `${String(isLinked)}${String(call.requestedAtMs)}${String(call.answeredAtMs)}`,
        isTouched: asker !== this.#before[call.requestedBy],
        derive: () => ({ ...deriveSyntheticStep(this.#run, call, asker.place), retracted: isLinked }),
      },
    ];
  }

  #retractedCandidate(record: StepRecord): StepCandidate {
    return {
      ...this.#frame(record),
      retracted: true,
      basis: "retracted",
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
