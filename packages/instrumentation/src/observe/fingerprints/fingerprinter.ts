import type {
  GoalFingerprint,
  Message,
  ModelFingerprint,
  OutcomeClass,
  ReportedError,
  Step,
  ToolFingerprint,
  ToolTraits,
} from "@plumbline/contracts";
import type { KeyedHash } from "@plumbline/detection";
import { type Detection, loadDetection } from "../../guard/load-detection.ts";

/** A tool call as it was, before anything is taken out of it. */
export interface ToolFacts {
  name: string;
  arguments: string;
  result: string | null;
  traits: ToolTraits;
  error: ReportedError | null;
}

/** A model call as it was. */
export interface ModelFacts {
  newInputMessages: Message[];
  output: Message[];
}

/** Turns contents into what may leave the process in their place. */
export interface Fingerprinter {
  tool(facts: ToolFacts): ToolFingerprint | undefined;
  model(facts: ModelFacts): ModelFingerprint | undefined;
  goal(goal: string): GoalFingerprint;
}

type SomeStep = Pick<Step, "name" | "outcome" | "model" | "tool"> & { kind: Step["kind"] };

const frame = {
  version: 1,
  tenantId: "",
  runId: "run",
  stepId: "step",
  sequence: 1,
  revision: 0,
  retracted: false,
  agentName: "",
  service: "",
  traceId: "",
  spanId: "",
  parentSpanId: "",
  synthetic: false,
  state: "ended",
  startMs: 0,
  endMs: 0,
  dialect: "plumbline",
} as const;

const outcomeOf = (outcome: OutcomeClass): Step["outcome"] => ({
  class: outcome,
  evidence: null,
  errorType: null,
  message: null,
});

class KeyedFingerprinter implements Fingerprinter {
  readonly #detection: Detection;
  readonly #keyed: KeyedHash;

  constructor(detection: Detection, key: string) {
    this.#detection = detection;
    this.#keyed = detection.keyedHash(key);
  }

  tool({ name, arguments: given, result, traits, error }: ToolFacts): ToolFingerprint | undefined {
    const facts = { toolName: name, arguments: given, result, reportedError: error };
    const sent = this.#of({
      kind: "tool",
      name,
      outcome: this.#detection.classifyOutcome(facts),
      model: null,
      tool: { callId: null, arguments: given, result, traits },
    });
    return sent.kind === "tool" ? sent : undefined;
  }

  model({ newInputMessages, output }: ModelFacts): ModelFingerprint | undefined {
    const unsaid = { provider: "", requestModel: "", responseModel: null, usage: null, costMicroUsd: null };
    const call = { ...unsaid, finishReasons: [], inputMessageCount: 0, newInputMessages, output };
    const sent = this.#of({ kind: "model", name: "", outcome: outcomeOf("ok"), model: call, tool: null });
    return sent.kind === "model" ? sent : undefined;
  }

  goal(goal: string): GoalFingerprint {
    return this.#detection.fingerprintOfGoal(goal, this.#keyed);
  }

  #of(step: SomeStep): ReturnType<Detection["fingerprintOfStep"]> {
    return this.#detection.fingerprintOfStep({ ...frame, ...step }, this.#keyed);
  }
}

/** Fingerprints for what is to be sent; what comes before the rules are loaded waits for them. */
export interface Fingerprints {
  /** Calls back at once where that is possible, and in order in any case. */
  use(send: (fingerprinter: Fingerprinter | null) => void): void;
  /** Settles when nothing waits any more. */
  settled(): Promise<void>;
}

/** Where contents leave the process, in whatever form, nothing stands in for them. */
export const noFingerprints: Fingerprints = {
  use: (send) => {
    send(null);
  },
  settled: () => Promise.resolve(),
};

class LoadingFingerprints implements Fingerprints {
  #ready: Fingerprinter | undefined;
  #waiting: Promise<void>;

  constructor(key: string) {
    this.#waiting = loadDetection().then((detection) => {
      this.#ready = new KeyedFingerprinter(detection, key);
    });
  }

  use(send: (fingerprinter: Fingerprinter | null) => void): void {
    if (this.#ready !== undefined) {
      send(this.#ready);
      return;
    }
    // Whatever happens to one, those after it are sent.
    this.#waiting = this.#waiting.then(() => {
      send(this.#ready ?? null);
    });
  }

  settled(): Promise<void> {
    return this.#waiting;
  }
}

/**
 * Fingerprints under a key.
 * @param key the same in all processes whose runs are to be compared; nobody else needs it
 */
export function createFingerprints(key: string): Fingerprints {
  return new LoadingFingerprints(key);
}
