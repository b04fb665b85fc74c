import type { RunRecord, RunRecordStep } from "@plumbline/detection";
import { phrasebooks } from "./phrasebooks.ts";
import { eachResultReworded } from "./rewording.ts";

/** Changes a recorded run in a way that must not change what it is: a loop stays one, and work stays work. */
export type Transformation = (record: RunRecord) => RunRecord;

/** Steps to go after a tool call, which is the run's `count`th. */
type Insert = (step: RunRecordStep, count: number) => RunRecordStep[];

/** The run with something done to each of its steps; indices stay those of the original steps. */
function eachStep(change: (step: RunRecordStep, index: number) => RunRecordStep): Transformation {
  return (record) => ({ ...record, steps: record.steps.map(change) });
}

function eachTool(change: (step: RunRecordStep, count: number) => RunRecordStep): Transformation {
  return (record) => {
    let count = 0;
    return eachStep((step) => {
      if (step.role !== "tool") return step;
      count += 1;
      return change(step, count);
    })(record);
  };
}

const numberedAnew = (record: RunRecord, steps: readonly RunRecordStep[]): RunRecord => ({
  ...record,
  steps: steps.map((step, i) => ({ ...step, i, at: i * 1000 })),
});

/** The run with further steps after each tool call, all numbered anew. */
function withSteps(insert: Insert): Transformation {
  return (record) => {
    let count = 0;
    const steps = record.steps.flatMap((step) => {
      if (step.role !== "tool") return [step];
      count += 1;
      return [step, ...insert(step, count)];
    });
    return numberedAnew(record, steps);
  };
}

/** Every `nth` thing an agent says comes a second time, as a step of its own. */
function saidTwice(nth: number): Transformation {
  return (record) => {
    let count = 0;
    const steps = record.steps.flatMap((step) => {
      if (step.role !== "llm" && step.role !== "agent") return [step];
      count += 1;
      return count % nth === 0 ? [step, step] : [step];
    });
    return numberedAnew(record, steps);
  };
}

const call = (
  agent: string | null,
  name: string,
  { args, text }: Pick<RunRecordStep, "args" | "text">,
): RunRecordStep => ({
  i: 0,
  role: "tool",
  agent,
  name,
  args,
  text,
  error: null,
});

/** A number that looks arbitrary and is the same in every test run. */
const arbitrary = (seed: number): number => Math.imul(seed + 11, 2_654_435_761) >>> 0;
const hex = (seed: number): string =>
  [0, 1, 2, 3]
    .map((part) =>
      arbitrary(seed * 4 + part)
        .toString(16)
        .padStart(8, "0"),
    )
    .join("");
const uuid = (seed: number): string =>
  hex(seed).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const isoTime = (seed: number): string => new Date(1_772_000_000_000 + seed * 37_411).toISOString();

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversedKeys(inner)]),
  );
}

function jsonObject(text: string | null): Record<string, unknown> | null {
  if (!text?.startsWith("{")) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const stamps: readonly ((count: number, text: string) => string)[] = [
  (count, text) => `[${isoTime(count)}] ${text}`,
  (count, text) => `${text}\n(took ${String((arbitrary(count) % 900) + 3)} ms, request ${uuid(count)})`,
  (count, text) => `req_${hex(count).slice(0, 16)} ${text}`,
  (count, text) => `${text}\nserver time ${String(1_772_000_000 + count * 37)}`,
];

function stamped(step: RunRecordStep, count: number): RunRecordStep {
  const text = step.text ?? "";
  const object = jsonObject(text);
  if (object !== null) {
    const meta = { timestamp: isoTime(count), request_id: uuid(count), duration_ms: arbitrary(count) % 900 };
    return { ...step, text: JSON.stringify({ ...object, ...meta }) };
  }
  // Something that printed nothing still prints nothing but its time.
  const stamp = stamps[text.length % stamps.length];
  return { ...step, text: text === "" ? text : (stamp?.(count, text) ?? text) };
}

function withRequestId(step: RunRecordStep, count: number): RunRecordStep {
  const { args } = step;
  if (typeof args !== "object" || args === null || Array.isArray(args)) return step;
  return {
    ...step,
    args: { ...args, request_id: uuid(count), timestamp: isoTime(count), nonce: arbitrary(count) },
  };
}

const synonyms: readonly (readonly [RegExp, string])[] = [
  [/\bnot found\b/gi, "could not be found"],
  [/\bcould not find\b/gi, "was unable to find"],
  [/\bno results?\b/gi, "no matches"],
  [/\bsuccessfully\b/gi, "without problems"],
  [/\bplease\b/gi, "kindly"],
  [/\bcurrent\b/gi, "present"],
  [/\bsimilar\b/gi, "related"],
];

const reworded = (text: string): string =>
  synonyms.reduce((current, [pattern, words]) => current.replaceAll(pattern, words), text);

const noteWords = "checked looked tried noted saw opened asked went next maybe continue plan".split(" ");
const note = (count: number): string =>
  [0, 1, 2, 3].map((part) => noteWords[arbitrary(count * 4 + part) % noteWords.length] ?? "").join(" ");

const logged = ({ agent }: RunRecordStep, count: number, text: string): RunRecordStep =>
  call(agent, "write_log", { args: { message: `${note(count)} (${String(count)})`, level: "info" }, text });

const things =
  "harbour orchard turbine ledger meadow violin glacier compass lantern pepper saddle quarry copper willow anchor basket".split(
    " ",
  );
const letters = (seed: number): string => hex(seed).replaceAll(/\d/g, "").slice(0, 4);
const thing = (seed: number): string => things[arbitrary(seed) % things.length] ?? "";

/** A call of another agent that finds something new. */
const othersWork = (count: number): RunRecordStep =>
  call("second_agent", "read_shelf", {
    args: { shelf: `${thing(count)} ${thing(count + 1)} ${thing(count + 2)}` },
    text: [1, 2, 3, 4, 5].map((word) => `${thing(count * 7 + word)}${letters(count * 7 + word)}`).join(" "),
  });

/** What is done to the recorded runs, by what it is. */
export const transformations: Readonly<Record<string, Transformation>> = {
  "tools renamed": (record) => {
    const names = new Map<string, string>();
    return eachTool((step) => {
      const name = step.name ?? "";
      if (!names.has(name)) names.set(name, `op_${hex(names.size).slice(0, 6)}`);
      return { ...step, name: names.get(name) ?? "" };
    })(record);
  },
  "keys in another order": eachTool((step, count) =>
    count % 2 === 0 ? { ...step, args: reversedKeys(step.args) } : step,
  ),
  "times and request ids in every result": eachTool(stamped),
  "times and request ids in every call": eachTool(withRequestId),
  "results in other words": eachTool((step) => ({
    ...step,
    text: step.text === null ? null : reworded(step.text),
  })),
  "each result in words of its own": eachResultReworded(phrasebooks.first, 1),
  "each result in other words of its own": eachResultReworded(phrasebooks.second, 2),
  "each result in unseen words of its own": eachResultReworded(phrasebooks.unseen, 1),
  "each result in other unseen words of its own": eachResultReworded(phrasebooks.unseen, 2),
  "each result paraphrased": eachResultReworded(phrasebooks.natural, 1),
  "each result paraphrased otherwise": eachResultReworded(phrasebooks.natural, 2),
  "every reply under two ids": saidTwice(1),
  "every third reply under two ids": saidTwice(3),
  "every span delivered twice": (record) => ({
    ...record,
    steps: record.steps.flatMap((step) => (step.role === "user" ? [step] : [step, step])),
  }),
  "a logger after every call": withSteps((step, count) => [logged(step, count, "ok")]),
  "a logger that counts its entries": withSteps((step, count) => [
    logged(step, count, `entry ${String(4200 + count)} written`),
  ]),
  "a logger that repeats itself": withSteps(({ agent }) => [
    call(agent, "write_log", { args: { message: "still at it" }, text: "ok" }),
  ]),
  "a logger after every third call": withSteps((step, count) =>
    count % 3 === 0 ? [logged(step, count, "ok")] : [],
  ),
  "two logger calls after every call": withSteps((step, count) => [
    logged(step, 2 * count, "ok"),
    logged(step, 2 * count + 1, "ok"),
  ]),
  "another agent works after every third call": withSteps((_step, count) =>
    count % 3 === 0 ? [othersWork(count)] : [],
  ),
  "another agent works after every call": withSteps((_step, count) => [othersWork(count)]),
};
