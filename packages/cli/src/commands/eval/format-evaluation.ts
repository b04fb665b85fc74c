import type { EvaluationSummary, LoopScore, PeerScore, Proportion } from "@plumbline/detection";
import { formatTable } from "../../format/table.ts";

/** A share with its 95 % interval and what it was counted from. */
export function formatProportion({ hits, of, value, low, high }: Proportion): string {
  return of === 0
    ? "-"
    : `${value.toFixed(3)} [${low.toFixed(2)}–${high.toFixed(2)}] ${String(hits)}/${String(of)}`;
}

const right = "right" as const;

function formatScore(score: LoopScore): string[] {
  return [
    formatProportion(score.recall),
    formatProportion(score.precision),
    score.medianDelayCalls === null ? "-" : String(score.medianDelayCalls),
    formatProportion(score.successesHeld),
  ];
}

function formatSources({ runs, overall, bySource }: EvaluationSummary): string {
  const columns = [
    { title: "SOURCE" },
    { title: "RUNS", align: right },
    { title: "RECALL" },
    { title: "PRECISION" },
    { title: "DELAY", align: right },
    { title: "SUCCESSES HELD" },
  ];
  const rows = bySource.map(({ source, runs: count, score }) => [
    source,
    String(count),
    ...formatScore(score),
  ]);
  return formatTable(columns, [...rows, ["all", String(runs), ...formatScore(overall)]]);
}

function formatDetectors({ byDetector }: EvaluationSummary): string {
  const columns = [
    { title: "DETECTOR" },
    { title: "RUNS", align: right },
    { title: "NUDGED", align: right },
    { title: "PAUSED", align: right },
    { title: "PRECISION WHERE IT HELD FIRST" },
  ];
  const rows = byDetector.map(({ kind, runs, nudged, paused, precision }) => [
    kind,
    String(runs),
    String(nudged),
    String(paused),
    formatProportion(precision),
  ]);
  return formatTable(columns, rows);
}

function formatPeers(peers: readonly PeerScore[]): string {
  const rows = peers.map(({ peer, recall, precision }) => [
    peer,
    formatProportion(recall),
    formatProportion(precision),
  ]);
  return formatTable([{ title: "PEER" }, { title: "RECALL" }, { title: "PRECISION" }], rows);
}

function formatList(title: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${title}\n${ids.map((id) => `  ${id}`).join("\n")}`];
}

/** The page at the end of an evaluation: per source, per detector, what was missed and what was held wrongly. */
export function formatEvaluation(summary: EvaluationSummary, peers: readonly PeerScore[] | null): string {
  return [
    formatSources(summary),
    formatDetectors(summary),
    ...(peers === null ? [] : [formatPeers(peers)]),
    ...formatList("MISSED", summary.overall.missed),
    ...formatList("FALSE ALARMS", summary.overall.falseAlarms),
    ...formatList("SUCCESSES HELD", summary.overall.successesHeldIds),
  ].join("\n\n");
}
