import { derivedId, identifyRun } from "@plumbline/contracts";
import type { IdentityHints } from "../recognise/draft.ts";
import { BoundedMap } from "./bounded-map.ts";

/** Shorter call ids (`call_1`) may well be those of another run; they count only where nothing else is known. */
const distinctiveIdChars = 12;

interface Sender {
  tenantId: string;
  service: string;
  traceId: string;
}

/**
 * Tells runs apart that were asked the same: a number from the id of the first tool call, which every later prompt of the
 * run repeats. So it is the same wherever and whenever it is worked out, unlike a count.
 */
function epochOf(firstCallId: string): number {
  return Number.parseInt(derivedId("e", [firstCallId]).slice(-9), 36);
}

/** The last run of a history root. */
interface RootedRun {
  runId: string;
  /** Its first reply is not known: the next prompt that tells of one goes on with it. */
  isUnanswered: boolean;
}

/** Asked and answered in words: whoever asks the same again, a health check or another customer, begins a run of their own. */
const isWholeByItself = ({ isContinued, isAnswered, tellsReply, firstCallId }: IdentityHints): boolean =>
  !isContinued && isAnswered && tellsReply && firstCallId === null;

/** Knows runs by what their records refer to. */
export class RunIndex {
  /** Runs by the ids of their tool calls and model responses. */
  readonly #references: BoundedMap<string>;
  readonly #roots: BoundedMap<RootedRun>;

  constructor(limit: number) {
    this.#references = new BoundedMap(limit);
    this.#roots = new BoundedMap(limit);
  }

  /** The run that a record names: explicit id, conversation, calls and responses of a known run, history root. */
  idOf(hints: IdentityHints, sender: Sender): string | undefined {
    const { tenantId } = sender;
    const { runId, conversationId } = hints;
    const strong = identifyRun({
      tenantId,
      runId: runId ?? undefined,
      conversationId: conversationId ?? undefined,
    });
    return strong?.runId ?? this.#runOfReferences(hints, tenantId) ?? this.#runOfHistory(hints, sender);
  }

  /** Notes whose calls and responses a record speaks of. */
  rememberReferences(hints: IdentityHints, { tenantId }: Sender, runId: string): void {
    for (const reference of hints.references) this.#references.set(`${tenantId}/${reference}`, runId);
  }

  /** Notes how a trace that was given its run began. */
  rememberRoot(hints: IdentityHints, sender: Sender, runId: string): void {
    const root = this.#rootOf(hints, sender);
    if (root === undefined) return;
    this.#roots.set(root, { runId, isUnanswered: !hints.isAnswered });
    const named = this.#namedByCall(hints, sender);
    if (named !== undefined) this.#roots.set(named, { runId, isUnanswered: false });
  }

  #runOfReferences(hints: IdentityHints, tenantId: string): string | undefined {
    const knowsHistory = hints.firstUserMessage !== null;
    for (const reference of hints.references) {
      if (knowsHistory && reference.length < distinctiveIdChars) continue;
      const runId = this.#references.get(`${tenantId}/${reference}`);
      if (runId !== undefined) return runId;
    }
    return undefined;
  }

  #rootOf(hints: IdentityHints, { tenantId, service }: Sender, epoch = 0): string | undefined {
    const { systemPrompt, firstUserMessage } = hints;
    if (firstUserMessage === null) return undefined;
    return identifyRun({ tenantId, service, systemPrompt: systemPrompt ?? "", firstUserMessage, epoch })
      ?.runId;
  }

  #runOfHistory(hints: IdentityHints, sender: Sender): string | undefined {
    const root = this.#rootOf(hints, sender);
    if (root === undefined) return undefined;
    const { tenantId, traceId } = sender;
    return isWholeByItself(hints)
      ? identifyRun({ tenantId, traceId })?.runId
      : this.#runThatBegan(root, hints, sender);
  }

  #runThatBegan(root: string, hints: IdentityHints, sender: Sender): string {
    const last = hints.isContinued ? this.#roots.get(root) : undefined;
    // A prompt that goes on without saying from which reply goes on with the last run that began so.
    const fallback = last?.runId ?? root;
    const named = this.#namedByCall(hints, sender);
    if (named === undefined) return fallback;
    const known = this.#roots.get(named);
    if (known !== undefined) return known.runId;
    // The beginning of a run whose replies are not recorded had no call id to be told by.
    return last?.isUnanswered === true || !hints.tellsReply ? fallback : named;
  }

  #namedByCall(hints: IdentityHints, sender: Sender): string | undefined {
    const { firstCallId } = hints;
    return firstCallId === null ? undefined : this.#rootOf(hints, sender, epochOf(firstCallId));
  }
}
