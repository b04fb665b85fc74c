import { identifyRun } from "@plumbline/contracts";
import type { RunDeclaration, RunRecord } from "./run-record.ts";

/** What a request says about the run it belongs to. */
export interface RequestHints {
  runId: string | undefined;
  conversationId: string | undefined;
  systemPrompt: string;
  firstUserMessage: string | undefined;
  firstReply: string | undefined;
  previousResponseId: string | undefined;
}

export interface ImplicitRunsOptions {
  tenantId: string;
  service: string;
  get: (runId: string) => RunRecord | undefined;
  start: (declaration: Pick<RunDeclaration, "runId" | "goal" | "conversationId">) => RunRecord;
}

interface Epoch {
  number: number;
  runId: string;
  /** Key of the model's first answer; undefined until it came. */
  firstReply: string | undefined;
  /** The first call failed, so the next first turn is its repetition. */
  failed: boolean;
}

const maxRoots = 10_000;
const maxEpochs = 256;
const maxResponses = 10_000;

function trimOldest<Value>(map: Map<string, Value>, most: number): void {
  while (map.size > most) {
    const oldest = map.keys().next();
    if (oldest.done === true) return;
    map.delete(oldest.value);
  }
}

/**
 * Owns: which run a request without `supervise` belongs to (design §5). One conversation is one run: a first turn whose
 * root already got an answer, or is being answered, begins a new epoch; a later turn belongs to the epoch whose first
 * answer its history holds.
 */
export class ImplicitRuns {
  private readonly options: ImplicitRunsOptions;
  private readonly roots = new Map<string, Epoch[]>();
  private readonly epochOfRun = new Map<string, Epoch>();
  private readonly responses = new Map<string, string>();

  constructor(options: ImplicitRunsOptions) {
    this.options = options;
  }

  runOf(hints: RequestHints): RunRecord {
    const { tenantId } = this.options;
    const goal = hints.firstUserMessage ?? hints.systemPrompt;
    const named = identifyRun({ tenantId, runId: hints.runId, conversationId: hints.conversationId });
    const conversationId = hints.conversationId ?? null;
    if (named !== undefined) return this.liveRun(named.runId, goal, conversationId);
    const continued = this.responses.get(hints.previousResponseId ?? "");
    if (continued !== undefined) return this.liveRun(continued, goal, null);
    return this.liveRun(this.epochOf(hints).runId, goal, null);
  }

  /** The model answered in a run: later turns are known by it. */
  answered(run: RunRecord, replyKey: string, responseId: string | null): void {
    const epoch = this.epochOfRun.get(run.runId);
    if (epoch !== undefined) epoch.firstReply ??= replyKey;
    if (responseId === null) return;
    this.responses.set(responseId, run.runId);
    trimOldest(this.responses, maxResponses);
  }

  /** A model call of a run failed. */
  failed(run: RunRecord): void {
    const epoch = this.epochOfRun.get(run.runId);
    if (epoch !== undefined && epoch.firstReply === undefined) epoch.failed = true;
  }

  private liveRun(runId: string, goal: string, conversationId: string | null): RunRecord {
    const known = this.options.get(runId);
    return known ?? this.options.start({ runId, goal, conversationId });
  }

  private epochOf(hints: RequestHints): Epoch {
    const root = JSON.stringify([hints.systemPrompt, hints.firstUserMessage ?? ""]);
    const epochs = this.roots.get(root) ?? [];
    this.roots.delete(root);
    this.roots.set(root, epochs);
    trimOldest(this.roots, maxRoots);
    return this.epochAmong(epochs, hints) ?? this.beginEpoch(epochs, hints);
  }

  private epochAmong(epochs: readonly Epoch[], hints: RequestHints): Epoch | undefined {
    const latest = epochs.at(-1);
    if (hints.firstReply === undefined) {
      if (latest?.failed !== true) return undefined;
      latest.failed = false;
      return latest;
    }
    return epochs.findLast((epoch) => epoch.firstReply === hints.firstReply) ?? latest;
  }

  private beginEpoch(epochs: Epoch[], hints: RequestHints): Epoch {
    const { tenantId, service } = this.options;
    const number = (epochs.at(-1)?.number ?? -1) + 1;
    const firstUserMessage =
      hints.firstUserMessage === undefined || hints.firstUserMessage === "" ? "-" : hints.firstUserMessage;
    const identity = identifyRun({
      tenantId,
      service,
      systemPrompt: hints.systemPrompt,
      firstUserMessage,
      epoch: number,
    });
    const epoch = { number, runId: identity?.runId ?? "h-unknown", firstReply: undefined, failed: false };
    epochs.push(epoch);
    if (epochs.length > maxEpochs) epochs.shift();
    this.epochOfRun.set(epoch.runId, epoch);
    trimOldest(this.epochOfRun, maxRoots);
    return epoch;
  }
}
