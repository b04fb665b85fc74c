import { createManualClock, toolStep } from "@plumbline/contracts/testing";
import { observationRecordSchema, type ObservationRecord } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { Comparisons } from "./comparisons.ts";
import { type ComparisonMeans, TextComparer } from "./text-comparer.ts";

function comparisonsWith(means: ComparisonMeans[], published: ObservationRecord[]): Comparisons {
  const clock = createManualClock();
  return new Comparisons({
    bus: {
      publish: (_, records) => {
        for (const { value } of records)
          published.push(observationRecordSchema.parse(JSON.parse(new TextDecoder().decode(value))));
        return Promise.resolve([]);
      },
    },
    clock,
    comparer: new TextComparer({ openModel: null, clock }),
    metrics: { compared: (how) => means.push(how) },
  });
}

const steps = ["find the refund rule for damaged goods", "find the rule on refunds of damaged goods"].map(
  (query, index) => toolStep(index + 1, { name: "ask", arguments: { query }, result: "nothing" }),
);

test("a comparison is answered by a record of the log", async () => {
  const means: ComparisonMeans[] = [];
  const published: ObservationRecord[] = [];
  const comparisons = comparisonsWith(means, published);
  const [first, second] = steps;
  if (first === undefined || second === undefined) throw new Error("no steps");
  const { tenantId, runId } = second;
  const comparison = { stepId: second.stepId, against: [first.stepId] };
  comparisons.take({ steps, comparisons: [{ tenantId, runId, comparison }] });
  await comparisons.close();
  expect(means).toEqual(["lexical"]);
  expect(published).toMatchObject([
    { kind: "similarity", tenantId, runId, stepId: second.stepId, embedder: "lexical", degraded: false },
  ]);
});

test("what is not remembered is not answered", async () => {
  const published: ObservationRecord[] = [];
  const comparisons = comparisonsWith([], published);
  const comparison = { stepId: "gone", against: ["gone too"] };
  comparisons.take({ steps, comparisons: [{ tenantId: "", runId: "run-1", comparison }] });
  await comparisons.close();
  expect(published).toEqual([]);
});
