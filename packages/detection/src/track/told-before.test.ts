import { describe, expect, test } from "vitest";
import { createMonitor } from "../create-monitor.ts";
import { createPolicy } from "../decide/policy.ts";
import { evaluateRun } from "../evaluate/evaluate-run.ts";
import { parseRunRecord } from "../evaluate/run-record.ts";

type Call = readonly [tool: string, args: Readonly<Record<string, unknown>>, result: string];

const monitor = createMonitor(createPolicy({ profile: "enforce" }));
const loopKinds: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);

/** How far the loop detectors go on a run of these calls. */
function heldAs(calls: readonly Call[]): string {
  const steps = calls.map(([name, args, text], i) => {
    const said = { name, args, text, error: null };
    return { i, role: "tool", agent: "clerk", ...said };
  });
  const record = { source: "made-up", run_id: "worded", group: "made-up", model: null, task: "Do the work" };
  const run = parseRunRecord(JSON.stringify({ ...record, outcome: null, labels: [], steps }));
  const { findings } = evaluateRun(monitor, run);
  const actions = findings.filter(({ kind }) => loopKinds.has(kind)).map(({ action }) => action);
  return actions.find((action) => action === "pause") ?? actions[0] ?? "nothing";
}

const words = "commas quotes tabs colons brackets hyphens dashes slashes".split(" ");
const stages = "fetch compile link packaging upload verification rollout archive".split(" ");
const each = (items: readonly string[], calls: (item: string, index: number) => readonly Call[]): Call[] =>
  items.flatMap(calls);

describe("one answer in ever other words", () => {
  test("to one call is a loop", () => {
    const answers = [
      "There is no entry for that.",
      "I could not locate any entry.",
      "Nothing like this is on file.",
      "No such record here, sorry.",
      "We have nothing of that kind.",
      "That entry is not known to us.",
    ];
    expect(heldAs(each(answers, (text) => [["lookup", { q: "harbour fees" }, text]]))).toBe("pause");
  });

  test("that names the same figure is a loop", () => {
    const answers = [
      "Your balance stands at 120 euros.",
      "You have 120 euros left.",
      "The account holds 120 euros.",
      "120 euros are in this account.",
      "There are 120 euros available to you.",
      "At the moment you own 120 euros.",
    ];
    expect(heldAs(each(answers, (text) => [["balance", { account: "main" }, text]]))).toBe("pause");
  });

  test("that gives a small number in digits or as a word is a loop", () => {
    const answers = [
      "Only 3 crates are left in the shed.",
      "In the shed there are three crates left.",
      "The shed has but three crates left.",
      "There are 3 crates that are left in the shed.",
    ];
    expect(heldAs(each(answers, (text) => [["stock", { item: "crates" }, text]]))).toBe("pause");
    const going = ["three", "2", "one", "no"].map((count) => `There are ${count} crates left in the shed.`);
    expect(heldAs(each(going, (text) => [["stock", { item: "crates" }, text]]))).toBe("nothing");
  });

  test("behind words that speak of the telling is a loop", () => {
    const frames = [
      "This is what the yard wrote: ",
      "I was told the following: ",
      "",
      "For you from the yard -> ",
    ];
    const answers = each(frames, (frame) => [["yard", {}, `${frame}the crane waits for its hook`]]);
    expect(heldAs(answers)).toBe("pause");
  });

  test("in two tools' turn is a loop", () => {
    const nobody = [
      "Nobody is at the door.",
      "There is nobody at the door.",
      "At the door there is nobody now.",
    ];
    const shut = ["The gate is locked.", "It is locked, this gate.", "This gate was found locked."];
    const laps = [0, 1, 2].flatMap((lap): Call[] => [
      ["look", {}, nobody[lap] ?? ""],
      ["try_gate", {}, shut[lap] ?? ""],
    ]);
    expect(heldAs(laps)).toBe("pause");
  });

  test("around a record that stays is a loop", () => {
    const frames = ["", "Here is what came back: ", "The answer is: ", "Result: "];
    const record = '{"order": "B-77", "items": 3, "open": true}';
    expect(heldAs(each(frames, (frame) => [["order", { id: "B-77" }, frame + record]]))).toBe("pause");
  });
});

describe("another answer in the same words is news", () => {
  test.each<[string, readonly Call[]]>([
    [
      "a stage that moves on",
      each(stages, (stage) => [["status", { id: "d" }, `The release is at the ${stage} stage`]]),
    ],
    [
      "a field that moves on",
      each(stages, (stage) => [["status", { id: "d" }, `{"id":"d","stage":"${stage}"}`]]),
    ],
    ["one word that moves on", each(stages, (stage) => [["status", { id: "d" }, `Stage: ${stage}`]])],
    [
      "one message after the other",
      each(words, (word) => [["pop", {}, `From the office: please order more ${word}`]]),
    ],
    [
      "what a person answers",
      each(words, (word, at) => [["ask", { q: "Next?" }, `Look at the ${word} in ${stages[at] ?? ""}`]]),
    ],
    [
      "one room after the other",
      each(stages, (room, at) => [
        ["north", {}, `You are in the ${room} room with a ${words[at] ?? ""} lamp.`],
      ]),
    ],
    [
      "a check that fails elsewhere after each edit",
      each(words, (word) => [
        ["edit", { use: word }, "The file was changed as you asked."],
        ["check", {}, `FAILED: the parser rejects ${word} here`],
      ]),
    ],
    [
      "a list that grows",
      each(words, (word, at) => [
        ["make", { name: word }, ""],
        ["list", {}, ["docs", "lib", ...words.slice(0, at + 1)].join("\n")],
      ]),
    ],
    [
      "a batch that is acknowledged",
      each(words, (word, at) => [
        ["greet", { name: word }, at % 2 === 0 ? "The greeting was sent." : "We have sent your greeting."],
      ]),
    ],
    [
      "a switch",
      each(words.slice(0, 4), (_word, at) => [
        ["toggle", {}, `The lamp is now ${at % 2 === 0 ? "on" : "off"}`],
        ["measure", { at }, `${String(17 * at + 5)} lumen`],
      ]),
    ],
    [
      "a denial and its opposite",
      [
        ["pay", { card: "c" }, "The payment was accepted by your bank"],
        ["pay", { card: "c" }, "The payment was not accepted by your bank"],
        ["pay", { card: "c" }, "By your bank the payment was accepted"],
      ],
    ],
  ])("%s", (_name, calls) => {
    expect(heldAs(calls)).toBe("nothing");
  });
});

describe("another answer in other words is news", () => {
  test.each<[string, readonly string[]]>([
    [
      "how a patient is",
      [
        "The patient sleeps.",
        "The patient has woken up and asks for water.",
        "Fever of the patient has gone down.",
        "The patient was moved to another ward.",
        "The patient goes home.",
      ],
    ],
    [
      "one letter after the other",
      [
        "A customer asked for a refund of the order.",
        "The next one wants to change an address.",
        "There is a complaint that the parcel is late.",
        "Somebody praises the shop for its service.",
        "A supplier announces higher prices.",
      ],
    ],
    [
      "how a shipment goes on",
      [
        "Fetching the sources from the mirror.",
        "Now the modules of the program get compiled.",
        "We are running all tests on what was built.",
        "Packing of the archive has begun.",
        "The old files are being cleaned up.",
      ],
    ],
    [
      "what becomes of a door",
      [
        "The door is locked.",
        "The door is now open.",
        "Somebody closed the door.",
        "The door was painted red.",
        "The door has been removed.",
      ],
    ],
  ])("%s", (_name, answers) => {
    expect(heldAs(each(answers, (text) => [["next", { id: "K7-200" }, text]]))).toBe("nothing");
  });
});
