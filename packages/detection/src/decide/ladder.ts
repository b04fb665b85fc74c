import { type Intervention, interventions } from "@plumbline/contracts";
import type { Suspicion } from "../detect/detector.ts";

/** How far an intervention goes. */
export const rankOf = (intervention: Intervention): number => interventions.indexOf(intervention);

export const isStronger = (a: Intervention, b: Intervention): boolean => rankOf(a) > rankOf(b);

export const stronger = (a: Intervention, b: Intervention): Intervention => (isStronger(b, a) ? b : a);

export const milder = (a: Intervention, b: Intervention): Intervention => (rankOf(a) <= rankOf(b) ? a : b);

export interface Rung {
  urgency: Exclude<Suspicion["urgency"], "after-nudge">;
  /** What a model made of it: it may hold an episode where it is, and raise what is only told to a nudge. */
  judged: "stuck" | "working" | undefined;
  /** What was decided for the episode before. */
  before: Intervention | null;
  /** Calls without gain since the nudge. */
  barren: number;
  barrenCallsBeforePause: number;
  upTo: Intervention;
  /** A pause was ignored for longer than the policy allows. */
  killIsDue: boolean;
}

/** What is certain is no question of judgement. */
const isHeldByJudge = ({ judged, urgency }: Rung): boolean => judged === "working" && urgency !== "at-once";

const notedRung = ({ judged }: Rung): Intervention => (judged === "stuck" ? "nudge" : "observe");

/** The rung for a suspicion that stands at this moment; an episode never steps down. */
export function nextRung(rung: Rung): Intervention {
  const wanted = ((): Intervention => {
    if (rung.killIsDue) return "kill";
    if (isHeldByJudge(rung)) return rung.before ?? "observe";
    if (rung.urgency === "note") return notedRung(rung);
    if (rung.urgency === "warn") return "nudge";
    if (rung.urgency === "at-once") return "pause";
    return rung.before !== null && rung.before !== "observe" && rung.barren >= rung.barrenCallsBeforePause
      ? "pause"
      : "nudge";
  })();
  const allowed = milder(wanted, rung.upTo);
  return rung.before !== null && isStronger(rung.before, allowed) ? rung.before : allowed;
}
