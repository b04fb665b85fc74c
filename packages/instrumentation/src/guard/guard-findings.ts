import {
  type Clock,
  eventName,
  type FindingKind,
  guardFindingIdOf,
  type Intervention,
} from "@plumbline/contracts";
import type { EventReporter } from "../export/event-reporter.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { ContentPolicy } from "../observe/redact/content-policy.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { GuardNotice } from "./guard.ts";

/** What a guard or check of this process noticed. */
export interface Noticed {
  kind: FindingKind;
  /** Who noticed it. */
  guard: string;
  /** What makes it the same when it comes again. */
  signature: string;
  /** One sentence for a person. */
  summary: string;
  /** What was done about it here. */
  intervention: Intervention;
  confidence?: number;
  /** The steps that prove it, the last ones count. */
  steps?: readonly { stepId: string; name: string }[];
}

/** Tells the server of it, where it becomes a finding of the run. */
export interface GuardFindings {
  notice(run: RunRecord, noticed: Noticed): void;
}

/** How often one episode of a run was noticed. */
export interface NoticedEpisode {
  count: number;
  revision: number;
  intervention: Intervention;
}

const maxEpisodesOfRun = 256;
const maxSteps = 12;

/** The same again is told at its 1st, 2nd, 4th, 8th time: enough to see that it goes on. */
const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

/** Counts an episode; its revision when it is to be told, undefined when not. */
function counted(run: RunRecord, noticed: Noticed): number | undefined {
  const { kind, guard, signature, intervention } = noticed;
  const key = `${kind}\n${guard}\n${signature}`;
  const before = run.noticed.get(key);
  if (before === undefined) {
    if (run.noticed.size >= maxEpisodesOfRun) return undefined;
    run.noticed.set(key, { count: 1, revision: 0, intervention });
    return 0;
  }
  before.count += 1;
  if (before.intervention === intervention && !isPowerOfTwo(before.count)) return undefined;
  before.intervention = intervention;
  before.revision += 1;
  return before.revision;
}

export function createGuardFindings(options: {
  reporter: EventReporter;
  policy: ContentPolicy;
  clock: Clock;
  tenantId: string;
  notifier: Notifier;
}): GuardFindings {
  const { reporter, policy, clock, tenantId, notifier } = options;
  return {
    notice(run, noticed) {
      const revision = counted(run, noticed);
      if (revision === undefined) return;
      const { kind, guard, signature, intervention, confidence = 1 } = noticed;
      const steps = (noticed.steps ?? []).filter(({ stepId }) => stepId !== "").slice(-maxSteps);
      const summary = policy.error(noticed.summary);
      const { runId, agentName, traceId, spanId } = run;
      const told = { kind, guard, signature, summary, intervention, confidence, steps, revision };
      const atMs = clock.nowMs();
      reporter.report({ name: eventName.guardFinding, runId, agentName, ...told, atMs }, { traceId, spanId });
      if (revision > 0 || intervention === "observe") return;
      const findingId = guardFindingIdOf({ tenantId, runId, kind, guard, signature });
      const finding = { tenantId, runId, findingId, kind, confidence, summary, intervention };
      notifier.notify({ kind: "finding", agentName, finding });
    },
  };
}

/** What a guard says of calls that it allows: the agent is nudged once, people see a finding. */
export function noticeTo(findings: GuardFindings) {
  return (run: RunRecord, guard: string, { nudge, ...notice }: GuardNotice): void => {
    const id = `${guard}-${notice.signature}`.replaceAll(/[^\w.-]+/gu, "-");
    if (run.nudge(id, nudge)) findings.notice(run, { ...notice, guard, intervention: "nudge" });
  };
}
