import {
  RejectedError,
  type FindingKind,
  findingKinds,
  interventions,
  type Intervention,
} from "@plumbline/contracts";
import { z } from "zod";

export const profiles = ["observe", "guard", "enforce"] as const;
export type Profile = (typeof profiles)[number];

const detectorPolicySchema = z.strictObject({
  enabled: z.boolean().optional(),
  /** Acts (true) or only says what it would have done (false); absent: as the profile has it. */
  enforce: z.boolean().optional(),
  /** Highest rung of the ladder. */
  upTo: z.enum(interventions).optional(),
  /** Figures of the detector's own configuration. */
  thresholds: z.record(z.string(), z.number()).optional(),
});
export type DetectorPolicy = z.infer<typeof detectorPolicySchema>;

const detectorPoliciesSchema = z.partialRecord(z.enum(findingKinds), detectorPolicySchema);

const overridableSchema = z.strictObject({
  profile: z.enum(profiles).optional(),
  detectors: detectorPoliciesSchema.optional(),
});

export const policySchema = z.strictObject({
  profile: z.enum(profiles).default("guard"),
  detectors: detectorPoliciesSchema.default({}),
  /** By agent name; what is set here outranks the rest. */
  agents: z.record(z.string(), overridableSchema).default({}),
  /** Calls without gain after a nudge before the run is paused. */
  barrenCallsBeforePause: z.number().int().positive().default(2),
  /** Tool calls between two nudges. */
  nudgeCooldownCalls: z.number().int().nonnegative().default(2),
  maxNudges: z.number().int().nonnegative().default(10),
  /** Kills a run that goes on for this long after a pause, where a detector's ladder ends at kill; null: never. */
  killAfterIgnoredPauseMs: z.number().nonnegative().nullable().default(null),
  /** Own nudge texts; `{names}` and `{count}` are filled in. */
  nudgeTexts: z.partialRecord(z.enum(findingKinds), z.string().min(1).max(2000)).default({}),
  /** Keys the hashes of features. */
  featureKey: z.string().default(""),
});
export type Policy = z.infer<typeof policySchema>;
export type PolicyInput = z.input<typeof policySchema>;

/**
 * A policy with every default filled in.
 * @throws RejectedError naming the field that does not fit
 */
export function createPolicy(input: unknown = {}): Policy {
  const result = policySchema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RejectedError(
    `The policy does not fit at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}.`,
    {
      code: "POLICY_INVALID",
      mend: "Compare it with the policy page of the documentation.",
      cause: result.error,
    },
  );
}

const guarded: ReadonlySet<FindingKind> = new Set<FindingKind>(["budget", "exact-loop", "retry-storm"]);

/** Kinds that tell of something and never hold a run by default. */
const highestByDefault: Record<FindingKind, Intervention> = {
  "exact-loop": "pause",
  "semantic-loop": "pause",
  "no-progress": "pause",
  "retry-storm": "pause",
  budget: "pause",
  stall: "pause",
  "goal-drift": "nudge",
  "hidden-failure": "nudge",
  "invalid-call": "nudge",
  "context-growth": "observe",
};

export interface DetectorRule {
  profile: Profile;
  enabled: boolean;
  enforce: boolean;
  upTo: Intervention;
  thresholds: Readonly<Record<string, number>>;
}

/** The entries of a detector policy that are set. */
function set(policy: DetectorPolicy | undefined): Partial<Omit<DetectorRule, "profile">> {
  return Object.fromEntries(Object.entries(policy ?? {}).filter(([, value]) => value !== undefined));
}

/** What holds for one detector and one agent: defaults, then the policy, then the agent's own entry. */
export function ruleFor(policy: Policy, agentName: string, kind: FindingKind): DetectorRule {
  const agent = policy.agents[agentName];
  const general = policy.detectors[kind];
  const own = agent?.detectors?.[kind];
  const profile = agent?.profile ?? policy.profile;
  const byDefault = {
    profile,
    enabled: true,
    enforce: profile === "enforce" || (profile === "guard" && guarded.has(kind)),
    upTo: highestByDefault[kind],
  };
  return {
    ...byDefault,
    ...set(general),
    ...set(own),
    thresholds: { ...general?.thresholds, ...own?.thresholds },
  };
}
