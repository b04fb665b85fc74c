import type { z } from "zod";
import type { Runtime } from "../runtime.ts";
import {
  type OpenAIToolDefinition,
  type RegisteredTool,
  registerTool,
  toolDefinition,
  type ToolDefinition,
} from "../tool/tool.ts";
import { type AnyToolCall, normalCall, toolAnswer, type ToolAnswer } from "../tool/tool-call.ts";
import type { RunStatus } from "@plumbline/contracts";
import { type ExecuteOptions, ToolExecutor } from "../tool/tool-executor.ts";
import { type InFlightAction, inFlightActions, type SettledAction, settleActions } from "./in-flight.ts";
import { resultText } from "../tool/tool-result.ts";
import { runMemory } from "../memory/run-memory.ts";
import type { MemoryMessage, WorkingMemory, WorkingMemoryOptions } from "../memory/working-memory.ts";
import { type Answer, type AnswerOptions, askFor } from "../output/ask-for.ts";
import { type ParsedOutput, parseOutput } from "../output/parse-output.ts";
import type { DoneCheck, DoneCheckResult } from "./done-check.ts";
import { IllegalPhaseError } from "./run-phases.ts";
import type { RunRecord } from "./run-record.ts";

/** What the function given to `supervise` works with. */
export interface Run {
  readonly id: string;
  readonly goal: string;
  /** Aborts when the run is killed; its reason is the RunKilledError. */
  readonly signal: AbortSignal;
  readonly status: RunStatus;
  /** The phase the agent is in; null when it declared none. */
  readonly currentPhase: string | null;
  /** The registered tools in the form that chat completions take. */
  readonly toolDefinitions: OpenAIToolDefinition[];
  /**
   * Registers a tool; one of the same name is replaced.
   * @throws RejectedError when the name or the schema can't be used
   */
  tool<Parameters extends z.ZodType>(definition: ToolDefinition<Parameters>): void;
  /**
   * Runs the model's tool calls at once and gives their answers in the same order. What goes wrong in a tool comes
   * back as text for the model.
   * @throws RunStoppedError when the run was killed, paused to exit or over budget; the first failure of a tool with
   *   `onError: "throw"`
   */
  execute<Call extends AnyToolCall>(
    calls: readonly Call[] | null | undefined,
    options?: ExecuteOptions,
  ): Promise<ToolAnswer<Call>[]>;
  /**
   * Goes on to another of the declared phases.
   * @throws IllegalPhaseError when the declared graph does not lead there; thrown in a tool, the model gets to read it
   */
  phase(name: string): void;
  /** What `checkpoint` kept last, in this process or the one before it; undefined when there is none. */
  readonly state: unknown;
  /**
   * Keeps the agent's own state, durably once it resolves; the label is for people. A resumed run begins with it, and
   * external actions done since then are not done again: the same calls get the answers they got.
   * @throws RejectedError when the state is no JSON or too large
   */
  checkpoint(state: unknown, label?: string): Promise<void>;
  /** External actions under way when the process before this one ended: whether they took effect is not known. */
  inFlight(): InFlightAction[];
  /**
   * Takes up the actions in flight whose tools are registered, each as its tool's `onInFlight` says.
   * @throws RunStoppedError when the run was stopped
   */
  settleInFlight(): Promise<SettledAction[]>;
  /**
   * Asks a model until its answer fits a schema: nearly right JSON is mended, else the model is asked again with what is
   * wrong.
   * @throws OutputInvalidError (RETRY_LIMIT_REACHED) when it does not fit after the last time either
   */
  answer<Schema extends z.ZodType, Message>(
    options: AnswerOptions<Schema, Message>,
  ): Promise<Answer<z.output<Schema>, Message>>;
  /** Reads one answer by a schema, mending JSON that is nearly right. */
  parse<Schema extends z.ZodType>(schema: Schema, raw: string): Promise<ParsedOutput<z.output<Schema>>>;
  /** Working memory that keeps this run's prompts within `maxTokens`; people see when it gets tight. */
  memory<Message extends MemoryMessage>(options: WorkingMemoryOptions<Message>): WorkingMemory<Message>;
  /** Keeps what there is to show so far: a run that is stopped ends with it, and its error carries it. */
  keepOutput(output: unknown): void;
  /** Asks the run's `doneWhen`, so that the model can be told what is missing before the run ends. */
  checkDone(output: unknown): Promise<DoneCheckResult>;
}

/** What a run is given by whoever conducts it. */
export interface RunServices {
  signal: AbortSignal;
  done: DoneCheck<unknown>;
}

/** @throws IllegalPhaseError, which is also reported as a finding */
function enterPhase(runtime: Runtime, record: RunRecord, phase: string): void {
  try {
    record.phases.enter(phase);
  } catch (thrown) {
    if (thrown instanceof IllegalPhaseError) {
      runtime.findings.notice(record, {
        kind: "invalid-call",
        guard: "phases",
        signature: `${thrown.from} → ${thrown.to}`,
        summary: thrown.message,
        intervention: "nudge",
      });
    }
    throw thrown;
  }
  const { status } = record.lifecycle;
  runtime.reportMove(record, { from: status, to: status, stopReason: null, message: `phase ${phase}` });
}

export function createRun(runtime: Runtime, record: RunRecord, { signal, done }: RunServices): Run {
  const tools = new Map<string, RegisteredTool>();
  const executor = new ToolExecutor(runtime, record, tools);
  return {
    id: record.runId,
    goal: record.declaration.goal,
    signal,
    get toolDefinitions() {
      return [...tools.values()].map((tool) => toolDefinition(tool));
    },
    get status() {
      return record.lifecycle.status;
    },
    get currentPhase() {
      return record.phases.current;
    },
    get state() {
      return runtime.journals.of(record).state;
    },
    checkpoint: (state, label = "") => runtime.journals.of(record).save(state, label),
    inFlight: () => inFlightActions(runtime, record),
    settleInFlight: () => settleActions({ runtime, record, tools, executor }),
    phase: (name) => enterPhase(runtime, record, name),
    answer: (options) => askFor(runtime, record, options),
    parse: (schema, raw) => parseOutput(schema, raw),
    memory: (options) => runMemory(runtime, record, options),
    keepOutput(output) {
      record.keptOutput = resultText(output);
    },
    checkDone: (output) => done.check(output),
    tool(definition) {
      tools.set(definition.name, registerTool(definition));
    },
    async execute(calls, options) {
      const given = calls ?? [];
      const settled = await Promise.allSettled(
        given.map((call) => executor.execute(normalCall(call), options)),
      );
      return settled.map((result, index) => {
        if (result.status === "rejected") throw result.reason;
        return toolAnswer(given[index] as (typeof given)[number], result.value);
      });
    },
  };
}
