import { expect, test } from "vitest";
import { topic, topicSpecs } from "./topics.ts";

const specOf = (name: string) => topicSpecs(12).find((spec) => spec.name === name);

test("every topic has exactly one spec", () => {
  const names = topicSpecs(12).map((spec) => spec.name);
  expect([...names].sort()).toEqual(Object.values(topic).sort());
});

test("spans and logs have equal partition counts, and so have all topics keyed by run", () => {
  const keyed = [
    topic.spans,
    topic.logs,
    topic.observations,
    topic.commands,
    topic.controlState,
    topic.runSnapshots,
    topic.audit,
    topic.auditHeads,
  ];
  expect(keyed.map((name) => specOf(name)?.partitions)).toEqual(keyed.map(() => 12));
});

test("what the truth is kept in is never deleted by age", () => {
  for (const name of [topic.commands, topic.controlState, topic.runSnapshots, topic.auditHeads]) {
    expect(specOf(name)?.retentionMs).toBeNull();
  }
});

test("only the topics with one current record per key are compacted", () => {
  const compacted = topicSpecs(1).filter((spec) => spec.cleanup === "compact");
  expect(compacted.map((spec) => spec.name)).toEqual([
    topic.controlState,
    topic.runSnapshots,
    topic.traceAffinity,
    topic.auditHeads,
  ]);
});
