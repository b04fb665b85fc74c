import { derivedId, type RunId, type TenantId } from "./identifiers.ts";

/** Which of the known facts named the run, strongest first. */
export type RunIdentitySource = "explicit" | "conversation" | "history" | "trace";

/** What is known about whose call this is. Give what you have; leave out the rest. */
export interface RunIdentityFacts {
  tenantId: TenantId;
  /** Given by the application (`supervise`) or carried on the span as `plumbline.run.id`. */
  runId?: string | undefined;
  /** `gen_ai.conversation.id`, or a dialect's own session key. */
  conversationId?: string | undefined;
  service?: string | undefined;
  systemPrompt?: string | undefined;
  firstUserMessage?: string | undefined;
  /** Counts how often the same history root began anew; 0 for the first time. */
  epoch?: number | undefined;
  traceId?: string | undefined;
}

export interface RunIdentity {
  runId: RunId;
  source: RunIdentitySource;
}

const present = (text: string | undefined): text is string => text !== undefined && text !== "";

/**
 * The one rule that says which run a call belongs to, used by the agent and by the analyzer alike (design §5):
 * explicit run id, else conversation id, else history root, else trace id.
 * @returns undefined when none of the facts names a run
 */
export function identifyRun(facts: RunIdentityFacts): RunIdentity | undefined {
  const { tenantId } = facts;
  if (present(facts.runId)) return { runId: facts.runId, source: "explicit" };
  if (present(facts.conversationId)) {
    return { runId: derivedId("c", [tenantId, facts.conversationId]), source: "conversation" };
  }
  if (present(facts.firstUserMessage)) {
    const root = [
      tenantId,
      facts.service ?? "",
      facts.systemPrompt ?? "",
      facts.firstUserMessage,
      facts.epoch ?? 0,
    ];
    return { runId: derivedId("h", root), source: "history" };
  }
  if (present(facts.traceId)) return { runId: `t-${facts.traceId}`, source: "trace" };
  return undefined;
}
