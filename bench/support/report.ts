import { systemClock } from "@plumbline/contracts";
import { describeMachine, type Machine } from "./machine.ts";
import { summarise } from "./percentiles.ts";

/** One line of a report: a figure and its repetitions. */
export interface Measurement {
  name: string;
  unit: string;
  /** One per repetition. */
  values: readonly number[];
}

/** What a benchmark has to say. */
export interface Report {
  title: string;
  /** What is measured, how, against which baseline. */
  measures: string;
  bar: string;
  doesNotMeasure: string;
  measurements: readonly Measurement[];
}

interface Stamp {
  date: string;
  machine: Machine;
}

/** To be taken before the work begins, so that the load averages are those of others. */
export function takeStamp(): Stamp {
  return { date: new Date(systemClock.nowMs()).toISOString(), machine: describeMachine() };
}

function shown(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function lineOf({ name, unit, values }: Measurement): string {
  const { count, min, median, max } = summarise(values);
  const label = unit === "" ? name : `${name} [${unit}]`;
  const figures = [min, median, max].map((value) => shown(value).padStart(12)).join("");
  return `${label.padEnd(72)}${figures}${String(count).padStart(6)}`;
}

/** The report as people read it. */
export function formatReport(report: Report, { date, machine }: Stamp): string {
  const { cores, processor, memoryGiB, node, loadAverages } = machine;
  return [
    `${report.title}   ${date}`,
    `Machine           ${String(cores)} cores, ${processor}, ${String(memoryGiB)} GiB, Node ${node}, load ${loadAverages.join(" ")} at the start`,
    `Measures          ${report.measures}`,
    `Bar               ${report.bar}`,
    `Does not measure  ${report.doesNotMeasure}`,
    "",
    `${"".padEnd(72)}${["min", "median", "max"].map((head) => head.padStart(12)).join("")}${"n".padStart(6)}`,
    ...report.measurements.map(lineOf),
    "",
  ].join("\n");
}

/** The report as one JSON document. */
export function jsonReport(report: Report, stamp: Stamp): string {
  const measurements = report.measurements.map((measurement) => {
    const { count, min, median, max } = summarise(measurement.values);
    return { ...measurement, count, min, median, max };
  });
  return `${JSON.stringify({ ...report, ...stamp, measurements }, null, 2)}\n`;
}
