import { stem } from "./words.ts";

/** Words that agents use whatever they work on: in a fifth of all tasks and more, of at least two kinds of agent. */
const everyday = (
  "able access action add additional address after agent allowed already analysis analyze another " +
  "approach ask attempts available back based because before blocks break characters check code com " +
  "command completed confirm contains content continue correct created current data date details " +
  "different direct due ensure error etc exact examine existing explore extracted false file final find " +
  "first following format found full further get great handle help however https id identify include " +
  "information initial instead instruction issue key last left like line list load local locate look " +
  "made make message method model modified move name need new next none not number one open original " +
  "pending plan proceed process processing progress provide py python questions reach reason recent " +
  "remaining request requested required results return review run script search see seems settings " +
  "shows since size source specific specified start status step successfully summarize sure system take " +
  "tasks through time true try type understand update use used user using value verification verify " +
  "wait want within working"
).split(" ");

/** The same in a twelfth of all tasks. */
const frequent = (
  "accessible according actual adjust along alternative app appears applied appropriate archive around " +
  "associated availability avoid basic begin best better between beyond calculate call cannot capture " +
  "case cause change clarify class clean clear closed combined compare compile comprehensive computer " +
  "connected consider considered contact context count criteria csv customer datasets day default " +
  "determine difference directory document documentation doesn don download during earlier efficiently " +
  "either end entire essential even everything example excellent execute extraction facing failed fare " +
  "features fetch fully gather give given go good happens hello high hit ids image important incorrect " +
  "indicate initiated interact item keep know language likely limit link location long low main manager " +
  "mapping matches max means meet members mentioned missing moment multiple necessary off oldest " +
  "options order org output part perfectly perform place point positioned possible potential prepare " +
  "present prevent price problem proceeding produced profile prompt properly public query quickly range " +
  "read ready receive recommended reference regarding related release removed replace reports " +
  "requirements resolve response retrieve right round route runtime satisfied saved seconds section " +
  "security select self service several sh shell short similar single sleep small sorted speaker " +
  "specifically standard state stop strategy structure success suite summary support systematically " +
  "target text three timeout tool total tri two unable url validate view warnings way web welcome well " +
  "whether while yes"
).split(" ");

const weights: ReadonlyMap<string, number> = new Map([
  ...frequent.map((word) => [stem(word), 0.4] as const),
  ...everyday.map((word) => [stem(word), 0.1] as const),
]);

/** How much a stem tells of what is worked on, 0…1. */
export const topicWeight = (word: string): number => weights.get(word) ?? 1;
