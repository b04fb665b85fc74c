import type { Directive } from "@plumbline/contracts";
import type { RunRegistry } from "../run/run-registry.ts";
import type { RunRecord } from "../run/run-record.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { AckReporter } from "./ack-reporter.ts";
import { readDirective } from "./read-directive.ts";
import type { KeyRing } from "./trusted-keys.ts";

const directiveSubject = { kind: "directive" } as const;
const maxRememberedRejections = 1024;

/** True when a newer document asks for something else; acks alone also make new documents. */
function asksForMore(before: Directive, after: Directive): boolean {
  const known = new Set(before.nudges.map((nudge) => nudge.id));
  return (
    before.desired !== after.desired ||
    before.message !== after.message ||
    before.reason !== after.reason ||
    JSON.stringify(before.limits) !== JSON.stringify(after.limits) ||
    Object.keys(after.approvals).some((id) => !(id in before.approvals)) ||
    after.nudges.some((nudge) => !known.has(nudge.id))
  );
}

/**
 * Owns: which documents are believed and obeyed. Invariants:
 * 1. Only signed documents for a run of this process and of this tenant.
 * 2. The generation of a run only grows; the same document again changes nothing.
 * 3. A killed run stays killed.
 */
export class DirectiveReceiver {
  /** Documents that were not obeyed, by why. */
  readonly rejections = new Map<string, number>();
  private readonly options: { runs: RunRegistry; keys: KeyRing; acks: AckReporter; tenantId: string };
  private readonly reported = new Set<string>();

  constructor(options: { runs: RunRegistry; keys: KeyRing; acks: AckReporter; tenantId: string }) {
    this.options = options;
  }

  /**
   * Takes in one envelope, as text or parsed.
   * @returns the run it was for, when it is one of ours and was believed
   */
  receive(data: unknown): string | undefined {
    const read = readDirective(data, this.options.keys);
    if (read.type === "rejected") {
      this.reject(read.why, read.runId, read.generation);
      return undefined;
    }
    const { directive } = read;
    const run = this.options.runs.get(directive.runId);
    if (run === undefined || directive.tenantId !== this.options.tenantId) {
      this.reject("it is for another run", run?.runId ?? null, directive.generation);
      return undefined;
    }
    this.accept(run, directive);
    return run.runId;
  }

  private accept(run: RunRecord, directive: Directive): void {
    const before = run.directive;
    if (directive.generation === before.generation || run.killed !== undefined) return;
    if (directive.generation < before.generation) {
      this.reject("it is older than the one in force", run.runId, directive.generation);
      return;
    }
    const isNews = asksForMore(before, directive);
    const { acks } = this.options;
    const { generation } = directive;
    const ack = (phase: "received" | "applied", detail: string): void =>
      acks.ack(run, { generation, phase, subject: directiveSubject, detail, stepId: null });
    if (isNews) ack("received", "");
    run.obey(directive);
    if (isNews && directive.desired !== "paused") ack("applied", directive.desired);
  }

  private reject(why: string, runId: string | null, generation: number): void {
    this.rejections.set(why, (this.rejections.get(why) ?? 0) + 1);
    const run = runId === null ? undefined : this.options.runs.get(runId);
    const key = `${why}\n${runId ?? ""}\n${String(generation)}`;
    if (this.reported.has(key)) return;
    if (this.reported.size >= maxRememberedRejections) this.reported.clear();
    this.reported.add(key);
    debugLog("a directive was not obeyed: %s (run %s)", why, runId ?? "unknown");
    if (run !== undefined) {
      this.options.acks.ack(run, {
        generation,
        phase: "rejected",
        subject: directiveSubject,
        detail: why,
        stepId: null,
      });
    }
  }
}
