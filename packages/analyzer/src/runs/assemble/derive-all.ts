import type { PriceBook } from "../../usage/price-book.ts";
import {
  byStart,
  isModel,
  isSeen,
  isTool,
  type ModelRecord,
  recordKey,
  type RequestedCall,
  type RunAssembly,
  type StepRecord,
  type ToolRecord,
} from "./assembly-state.ts";
import { type DerivedStep, deriveModelStep, deriveSyntheticStep, deriveToolStep } from "./derive-steps.ts";
import { findDuplicates, isSupplement } from "./duplicates.ts";
import { linkTools } from "./link-tools.ts";
import { type ModelCallRecords, requestedCalls } from "./requested-calls.ts";

function recordsAt<Kind extends StepRecord>(
  run: RunAssembly,
  keys: readonly string[],
  isKind: (record: StepRecord) => record is Kind,
): Kind[] {
  return keys.flatMap((key) => {
    const record = run.records[key];
    return record !== undefined && isKind(record) ? [record] : [];
  });
}

/** All steps that the records of a run amount to. Those that are no steps of their own come out retracted. */
export function deriveAll(run: RunAssembly, prices: PriceBook): DerivedStep[] {
  const duplicates = findDuplicates(run.records);
  const seen = Object.values(run.records).filter(isSeen).toSorted(byStart);
  const isOriginal = (record: StepRecord): boolean =>
    duplicates.originalOf(recordKey(record.place)) === undefined;
  const withDuplicates = (record: ModelRecord): ModelCallRecords => ({
    record,
    duplicates: recordsAt(run, duplicates.duplicatesOf(recordKey(record.place)), isModel),
  });

  const models = seen.filter(isModel).filter(isOriginal).map(withDuplicates);
  const tools = seen.filter(isTool).filter((record) => isOriginal(record) && !isSupplement(record));
  const calls = requestedCalls(models);
  const links = linkTools(tools, calls);
  const knownNames = new Set(calls.map((call) => call.name));
  const toolStep = (record: ToolRecord, call: RequestedCall | undefined): DerivedStep =>
    deriveToolStep(run, {
      record,
      call,
      knownNames,
      duplicates: recordsAt(run, duplicates.duplicatesOf(recordKey(record.place)), isTool),
    });

  return [
    ...models.map((records) => deriveModelStep(run, records, prices)),
    ...tools.map((record) => toolStep(record, links.get(record))),
    ...synthetic(run, calls, new Set(links.values())),
    ...seen.filter((record) => !isOriginal(record) && !isSupplement(record)).map((record) => retracted(run, record, prices)),
  ];
}

function synthetic(
  run: RunAssembly,
  calls: readonly RequestedCall[],
  linked: ReadonlySet<RequestedCall>,
): DerivedStep[] {
  return calls
    .filter((call) => call.answered)
    .flatMap((call) => {
      const asker = run.records[call.requestedBy];
      if (asker === undefined) return [];
      return [{ ...deriveSyntheticStep(run, call, asker.place), retracted: linked.has(call) }];
    });
}

function retracted(run: RunAssembly, record: StepRecord, prices: PriceBook): DerivedStep {
  const step = isModel(record)
    ? deriveModelStep(run, { record, duplicates: [] }, prices)
    : deriveToolStep(run, { record, duplicates: [], call: undefined, knownNames: new Set() });
  return { ...step, retracted: true };
}
