import type { FindingKind } from "@plumbline/contracts";
import { call, say, type Brain } from "./brain.ts";
import type { Scenario } from "./scenario.ts";
import type { Variation } from "./variation.ts";

const loopKinds: readonly FindingKind[] = ["exact-loop", "semantic-loop", "no-progress", "retry-storm"];
const noBudget = {};

/** Wordings of one and the same question; a seed picks the subject, the order and how many there are. */
function rewordings(variation: Variation): readonly string[] {
  const subject = variation.pick(["damaged goods", "broken items", "late parcels"]);
  const phrases = [
    `refund policy ${subject}`,
    `policy for refunding ${subject}`,
    `how are ${subject} refunded`,
    `rules about refunds of ${subject}`,
    `${subject} refund rules`,
    `refunds for ${subject} policy`,
    `what is the refund policy on ${subject}`,
    `${subject}: how do refunds work`,
    `policy ${subject} refunds`,
    `refunding ${subject} rules`,
    `handbook refund ${subject}`,
    `money back policy for ${subject}`,
  ];
  return variation.shuffled(phrases);
}

const nth = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item;

/** An order that can be refunded, and one that is locked. */
const freeOrder = (variation: Variation): string =>
  String(1000 + variation.between(0, 9) * 10 + variation.pick([1, 3, 4, 5, 6]));
const lockedOrder = (variation: Variation): string => String(1002 + variation.between(0, 9) * 10);

function recovering(variation: Variation): Scenario {
  const phrases = rewordings(variation);
  const order = freeOrder(variation);
  const brain: Brain = ({ interruptions, replies, results }) => {
    if (interruptions.length === 0) return call("search_handbook", { q: nth(phrases, replies) });
    const last = results.at(-1) ?? "";
    if (last.includes("refundId")) return say(`Order ${order} is refunded.`);
    return last.includes('"customer"')
      ? call("refund_order", { id: order })
      : call("read_order", { id: order }, "Searching again will not help. I look at the order itself.");
  };
  return {
    name: "refund-clerk",
    shows: "stuck in reworded searches, recovers after the nudge",
    goal: `Refund order ${order} if our policy allows it`,
    tools: ["search_handbook", "read_order", "refund_order"],
    budget: noBudget,
    streaming: false,
    brain,
    operator: { deed: "none" },
    expected: { status: "completed", stopReason: "COMPLETED", findings: ["semantic-loop"] },
  };
}

function ignoring(variation: Variation): Scenario {
  const order = lockedOrder(variation);
  const first = variation.between(400, 900);
  const growth = variation.between(5, 25);
  const brain: Brain = ({ replies }) =>
    call("print_label", { id: order, weightGrams: first + replies * growth });
  return {
    name: "label-printer",
    shows: "hammers a failing printer, ignores the nudge, is paused, then killed",
    goal: `Print the shipping label of order ${order}`,
    tools: ["print_label"],
    budget: noBudget,
    streaming: false,
    brain,
    operator: { deed: "kill-when-paused" },
    expected: { status: "killed", stopReason: "USER_KILLED", findings: loopKinds },
  };
}

function repeating(variation: Variation): Scenario {
  const customer = variation.pick(["alan", "ada", "grace"]);
  const brain: Brain = () => call("find_orders", { q: `${customer}.doe@example.com` });
  return {
    name: "order-finder",
    shows: "makes the same call again and again",
    goal: `Find the last order of ${customer}.doe@example.com`,
    tools: ["find_orders"],
    budget: noBudget,
    streaming: true,
    brain,
    operator: { deed: "kill-when-paused" },
    expected: { status: "killed", stopReason: "USER_KILLED", findings: ["exact-loop"] },
  };
}

function rewording(variation: Variation): Scenario {
  const phrases = rewordings(variation);
  const brain: Brain = ({ replies }) => call("search_handbook", { q: nth(phrases, replies) });
  return {
    name: "policy-searcher",
    shows: "rewords one search without end, is paused",
    goal: "Find out what our handbook says about refunds",
    tools: ["search_handbook"],
    budget: noBudget,
    streaming: true,
    brain,
    operator: { deed: "kill-when-paused" },
    expected: { status: "killed", stopReason: "USER_KILLED", findings: ["semantic-loop"] },
  };
}

function claiming(variation: Variation): Scenario {
  const order = lockedOrder(variation);
  const claim = variation.pick([
    `Done: order ${order} has been refunded.`,
    `I have successfully refunded order ${order}.`,
  ]);
  const brain: Brain = ({ results }) => {
    if (results.length === 0) return call("read_order", { id: order });
    if (results.length === 1) return call("refund_order", { id: order });
    return say(claim);
  };
  return {
    name: "refund-claimer",
    shows: "claims success over a refund that answered 200 with an error inside",
    goal: `Refund order ${order} and tell the customer`,
    tools: ["read_order", "refund_order"],
    budget: noBudget,
    streaming: false,
    brain,
    operator: { deed: "none" },
    expected: { status: "completed", stopReason: "COMPLETED", findings: ["hidden-failure"] },
  };
}

function spending(variation: Variation): Scenario {
  const steps = variation.between(8, 14);
  const brain: Brain = ({ replies }) => call("read_order", { id: String(1000 + ((replies * 7) % 100)) });
  return {
    name: "order-auditor",
    shows: `works well, but past its budget of ${String(steps)} steps`,
    goal: "Audit every order of this year",
    tools: ["read_order"],
    budget: { steps },
    streaming: false,
    brain,
    operator: { deed: "none" },
    expected: { status: "failed", stopReason: "BUDGET_EXCEEDED", findings: ["budget"] },
  };
}

function held(variation: Variation): Scenario {
  const count = variation.between(8, 12);
  const orders = variation.shuffled(
    Array.from({ length: count }, (_unused, index) => String(1000 + index * 5 + 1)),
  );
  const mails: Brain = ({ results }) =>
    results.length < count
      ? call("send_mail", {
          to: `customer-${nth(orders, results.length)}@example.com`,
          subject: `Your order ${nth(orders, results.length)}`,
        })
      : say(`All ${String(count)} mails are sent.`);
  return {
    name: "mail-sender",
    shows: "paused by the operator and resumed: nothing lost, nothing doubled",
    goal: `Send a mail about each of these orders: ${orders.join(", ")}`,
    tools: ["send_mail"],
    budget: noBudget,
    streaming: true,
    brain: mails,
    operator: { deed: "pause-and-resume", afterSteps: variation.between(4, 8) },
    expected: { status: "completed", stopReason: "COMPLETED", findings: [], counts: { mails: count } },
  };
}

const pollCount = 15;
const batchSize = 20;

function healthy(variation: Variation): Scenario {
  const start = 1000 + variation.between(0, 3) * 10;
  const batch = Array.from({ length: batchSize }, (_unused, index) => String(start + index * 2 + 1)).filter(
    (id) => !id.endsWith("2"),
  );
  const brain: Brain = ({ results }) => {
    if (results.length === 0) return call("start_count", { polls: pollCount });
    const job = /"job":"([^"]+)"/.exec(results[0] ?? "")?.[1] ?? "";
    if (results.length <= pollCount) return call("read_job", { job });
    const item = batch[results.length - pollCount - 1];
    return item === undefined
      ? say("The stock is counted and every label is printed.")
      : call("print_label", { id: item, weightGrams: 300 + Number(item) });
  };
  return {
    name: "stock-counter",
    shows: `healthy: ${String(pollCount)} polls and a batch of ${String(batchSize)}, never touched`,
    goal: `Count the stock, then print the labels of orders ${batch.join(", ")}`,
    tools: ["start_count", "read_job", "print_label"],
    budget: noBudget,
    streaming: false,
    brain,
    operator: { deed: "none" },
    expected: { status: "completed", stopReason: "COMPLETED", findings: [], counts: { polls: pollCount } },
  };
}

const builders = [recovering, ignoring, repeating, rewording, claiming, spending, held, healthy];

/** The agents of the demo for one seed, in the order of the table. */
export function createScenarios(variation: Variation): Scenario[] {
  return builders.map((build) => build(variation.for(build.name)));
}
