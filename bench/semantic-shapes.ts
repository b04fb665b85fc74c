// Prints made-up runs that ask for one thing in ever other words, and look-alikes that do not, as run records; with
// --labels, their verdicts. For `plumbline eval --ablation`.
// npx node --conditions=@plumbline/source bench/semantic-shapes.ts [--labels]
interface Shape {
  name: string;
  isLoop: boolean;
  task: string;
  tool: string;
  requests: readonly string[];
  /** What comes back; the number of the request stands in for `#`. */
  result: string;
}

const nothing = "[]";
const somethingNew = "Screen # of the page: entry #, shown after # seconds.";

const shapes: readonly Shape[] = [
  {
    name: "searches without a shared word, all empty",
    isLoop: true,
    task: "Find our rule on refunds for damaged goods",
    tool: "search",
    result: nothing,
    requests: [
      "refund rules for damaged goods",
      "getting money back when an article arrives broken",
      "reimbursement of customers for faulty items",
      "compensation where merchandise was defective on delivery",
      "returning products that came in pieces for a repayment",
      "what does a buyer of a cracked article receive",
      "policy when purchases turn up unusable",
      "repay clients whose parcels contained wrecked things",
    ],
  },
  {
    name: "a colleague asked for one thing, each answer new",
    isLoop: true,
    task: "What is the highest number of birds on screen at once?",
    tool: "colleague",
    result: somethingNew,
    requests: [
      "Please scan the whole video and write down when several birds are on screen at once.",
      "Go over the recording once and note the times at which there is more than one bird in view.",
      "Watch the clip from the beginning and list the moments with a number of birds together.",
      "Look through all of the film and tell me at which times you see more than a single bird.",
      "Please view the footage and report the points at which some birds appear together.",
      "Check the video from start to end and collect the times that show many birds at once.",
      "Have a look at the clip again and name the scenes in which several birds are visible.",
      "Review the recording and give me the timestamps where multiple birds can be seen.",
    ],
  },
  {
    name: "one question to a help desk, each answer evasive",
    isLoop: true,
    task: "Find out whether the warranty covers water damage",
    tool: "help_desk",
    result: "Ticket # noted, agent # will look into chapter # of the handbook.",
    requests: [
      "Does the warranty of the phone cover damage that was done by water?",
      "Is a phone that got wet still covered by its warranty?",
      "If liquid ruins the phone, does the guarantee pay for the repair of it?",
      "Would the warranty apply to a device that fell into water?",
      "Are damages by moisture included in the guarantee of the phone?",
      "Does the guarantee hold for a phone that was soaked with water?",
      "Can the owner of a phone with water damage claim the warranty?",
      "Is the repair of a phone paid by the warranty after it was in the water?",
    ],
  },
  {
    name: "one fact looked for under many descriptions",
    isLoop: true,
    task: "Who designed the bridge?",
    tool: "lookup",
    result: nothing,
    requests: [
      "designer of the old harbour bridge",
      "architect who drew the harbour bridge",
      "engineer behind the historic bridge at the port",
      "person who planned the bridge over the harbour",
      "creator of the antique port crossing",
      "name of whoever conceived the bridge in the docks",
      "by whom was the harbour bridge designed",
      "author of the plans for the old bridge at the harbour",
    ],
  },
  {
    name: "different subjects of one research, all empty",
    isLoop: false,
    task: "Write a report on life in the city in the middle ages",
    tool: "search",
    result: nothing,
    requests: [
      "bread prices in the medieval town",
      "how the guilds of weavers elected masters",
      "plague hospitals outside the walls",
      "schools for the children of merchants",
      "rules for fires and chimneys",
      "festivals of the butchers in spring",
      "wages of stonemasons at the cathedral",
      "law against foreign coins",
    ],
  },
  {
    name: "steps of one piece of work, each answer new",
    isLoop: false,
    task: "Publish the film about birds",
    tool: "colleague",
    result: somethingNew,
    requests: [
      "Please scan the whole video and write down when several birds are on screen at once.",
      "Cut the scenes in which nothing happens and keep the rest of the video.",
      "Write a text of two paragraphs that introduces the film to the audience.",
      "Please translate the introduction into French and have somebody read it.",
      "Choose music that goes with the scenes and ask for the rights to use it.",
      "Upload the film to the site and set it to private for the first week.",
      "Tell the members of the club by letter that the film can be seen.",
      "Collect what the members say about the film and send me a summary of it.",
    ],
  },
  {
    name: "one question about one customer after the other",
    isLoop: false,
    task: "Check all open accounts",
    tool: "help_desk",
    result: "Account in order, file #.",
    requests: Array.from(
      { length: 8 },
      (_, index) =>
        `Has the customer of account C-${String(7001 + 13 * index)} paid the invoice of the last month?`,
    ),
  },
  {
    name: "one search per city, all empty",
    isLoop: false,
    task: "Find offices to rent",
    tool: "search",
    result: nothing,
    requests: ["Oslo", "Turin", "Porto", "Ghent", "Basel", "Lyon", "Riga", "Graz"].map(
      (city) => `cheap offices to rent in ${city}`,
    ),
  },
];

const idOf = (index: number): string => `semantic-shape/${String(index + 1)}`;

function recordOf({ task, tool, requests, result }: Shape, index: number): object {
  const steps = requests.map((request, i) => ({
    i,
    role: "tool",
    agent: "agent",
    name: tool,
    args: { request },
    text: result.replaceAll("#", String(17 * (i + 1) + i * i)),
    error: null,
  }));
  return {
    source: "semantic-shapes",
    run_id: idOf(index),
    group: idOf(index),
    model: null,
    task,
    outcome: null,
    labels: [],
    steps,
  };
}

const verdictOf = ({ isLoop }: Shape, index: number): object => ({
  run_id: idOf(index),
  source: "semantic-shapes",
  verdict: isLoop ? "true_loop" : "no_loop",
  confidence: "clear",
  first_step: isLoop ? 1 : null,
});

const lines = shapes.map(process.argv.includes("--labels") ? verdictOf : recordOf);
process.stdout.write(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
