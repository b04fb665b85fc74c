import { textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { type DeclaredTools, type ToolPolicies, toolPolicies } from "../../tool/declared-tool.ts";
import { installAbortableFetch } from "../shared/abortable-fetch.ts";
import { type FrameworkCall, runOfCall, superviseModelCall } from "../shared/model-call.ts";
import { inputCheck } from "../shared/check-input.ts";
import type { FrameworkToolCall } from "../shared/tool-call.ts";
import { followResult } from "./follow-stream.ts";
import { languageModelEndpoint } from "./language-model-endpoint.ts";
import { notRecorded, showsContents, ToolExecution } from "./tool-execution.ts";

export interface PlumblineTelemetryOptions {
  /** What is known about the tools, by name. */
  tools?: DeclaredTools;
}

interface Execution<Result> {
  callId: string;
  execute: () => PromiseLike<Result>;
}

/** What `registerTelemetry` of ai 7 takes; nothing of `ai` is imported. */
export interface PlumblineTelemetry {
  onStepStart(event: unknown): void;
  onToolExecutionEnd(event: unknown): Promise<void>;
  onEnd(event: unknown): void;
  onError(event: unknown): void;
  onAbort(event: unknown): void;
  executeLanguageModelCall<Result>(call: Execution<Result>): Promise<Result>;
  executeTool<Result>(call: Execution<Result> & { toolCallId: string }): Promise<Result>;
}

/** One `generateText` or `streamText`, from its first step to its end. */
interface Operation {
  run: RunRecord | undefined;
  /** The array that the model call of the current step is made with, and what it held at first. */
  sent: unknown[] | undefined;
  prompt: readonly unknown[];
  providerOptions: unknown;
  /** The application's own tools by name, where it shows them. */
  toolSet: unknown;
  tools: Map<string, Pick<ToolExecution<unknown>, "ended">>;
}

/** Operations whose end nobody reported must not stay for ever. */
const maxOperations = 10_000;

const providerOf = (name: unknown): string => (textOf(name) ?? "").split(".", 1)[0] ?? "";

/** Owns: the operations under way and the gate before each of their calls. Does not own: embeddings, objects, images. */
class AiSdkTelemetry implements PlumblineTelemetry {
  private readonly operations = new Map<string, Operation>();
  private readonly policies: ToolPolicies;

  constructor(policies: ToolPolicies) {
    this.policies = policies;
  }

  onStepStart(event: unknown): void {
    const { callId, promptMessages, providerOptions, tools } = wireOf(event);
    const operation = this.operationOf(String(callId));
    // With `recordInputs: false` the event holds an empty list of its own.
    const isShown = Array.isArray(promptMessages) && promptMessages.length > 0;
    operation.sent = isShown ? (promptMessages as unknown[]) : undefined;
    operation.prompt = [...(operation.sent ?? [])];
    operation.providerOptions = providerOptions;
    operation.toolSet = tools;
  }

  async executeLanguageModelCall<Result>(execution: Execution<Result>): Promise<Result> {
    const runtime = this.runtime();
    const operation = this.operationOf(execution.callId);
    const call = callOf(operation, execution);
    const run = (operation.run ??= runOfCall(runtime, call));
    return superviseModelCall<Result>(
      runtime,
      { run, call },
      {
        make(body) {
          operation.sent?.splice(0, operation.sent.length, ...(body["prompt"] as unknown[]));
          return execution.execute();
        },
        follow: followResult,
      },
    );
  }

  async executeTool<Result>(execution: Execution<Result> & { toolCallId: string }): Promise<Result> {
    const operation = this.operationOf(execution.callId);
    const run = currentRun() ?? operation.run;
    if (run === undefined) return execution.execute();
    const call = toolCallOf(operation, execution);
    const target = { run, call, policy: this.policies(call.toolName) };
    const supervised = new ToolExecution(this.runtime(), target, {
      ...execution,
      tool: toolOf(operation, call.toolName),
    });
    const result = await supervised.result();
    operation.tools.set(execution.toolCallId, supervised);
    return result;
  }

  async onToolExecutionEnd(event: unknown): Promise<void> {
    const { callId, toolCall } = wireOf(event);
    const { tools } = this.operationOf(String(callId));
    const toolCallId = String(wireOf(toolCall)["toolCallId"]);
    const supervised = tools.get(toolCallId);
    tools.delete(toolCallId);
    await supervised?.ended(event);
  }

  onEnd(event: unknown): void {
    this.operations.delete(String(wireOf(event)["callId"]));
  }

  onError(event: unknown): void {
    this.onEnd(event);
  }

  onAbort(event: unknown): void {
    this.onEnd(event);
  }

  private runtime(): Runtime {
    const runtime = processRuntime();
    runtime.observesClients = true;
    runtime.observesTools = true;
    return runtime;
  }

  private operationOf(callId: string): Operation {
    const known = this.operations.get(callId);
    if (known !== undefined) return known;
    const operation: Operation = {
      run: undefined,
      sent: undefined,
      prompt: [],
      providerOptions: undefined,
      toolSet: undefined,
      tools: new Map(),
    };
    this.operations.set(callId, operation);
    const oldest = this.operations.keys().next();
    if (this.operations.size > maxOperations && oldest.done !== true) this.operations.delete(oldest.value);
    return operation;
  }
}

function callOf(operation: Operation, execution: object): FrameworkCall {
  const { provider, modelId, maxOutputTokens } = wireOf(execution);
  const { sent, prompt, providerOptions } = operation;
  const body = { model: modelId, prompt, providerOptions, maxOutputTokens, sealed: sent === undefined };
  return { endpoint: languageModelEndpoint, body, provider: providerOf(provider) };
}

const toolOf = ({ toolSet }: Operation, toolName: string): Wire => wireOf(wireOf(toolSet)[toolName]);

/** The SDK calls the tool by itself, with the arguments it has: with others we have to, and to put what it brings in place. */
const refuseOthers = () => ({
  ok: false as const,
  problems:
    "AI SDK 7 hands its tools the model's own arguments where inputs or outputs are not recorded; deny the call with a message instead",
});

function toolCallOf(operation: Operation, execution: { toolCallId: string }): FrameworkToolCall {
  const { toolCall, recordInputs } = wireOf(execution);
  const { toolName, input } = wireOf(toolCall);
  const { toolCallId: callId } = execution;
  const name = textOf(toolName) ?? "";
  const tool = toolOf(operation, name);
  const takesOthers = showsContents(execution) && typeof tool["execute"] === "function";
  return {
    toolName: name,
    callId,
    input: recordInputs === false ? notRecorded(callId) : input,
    isChecked: true,
    check: takesOthers ? inputCheck(tool["inputSchema"]) : refuseOthers,
  };
}

interface AiSdkGlobals {
  AI_SDK_TELEMETRY_INTEGRATIONS?: unknown[];
}

/** Integrations wrap each other in the order of their registration: the first is the innermost, inside the others' spans. */
function becomeInnermost(telemetry: PlumblineTelemetry): void {
  const integrations = (globalThis as AiSdkGlobals).AI_SDK_TELEMETRY_INTEGRATIONS;
  const index = integrations?.indexOf(telemetry) ?? -1;
  if (integrations === undefined || index < 1) return;
  integrations.splice(index, 1);
  integrations.unshift(telemetry);
}

/**
 * Puts every `generateText` and `streamText` of ai 7 under supervision: `registerTelemetry(plumbline())`. Other
 * integrations may be registered beside it. Where no `supervise` surrounds a call, the run is recognised by
 * `providerOptions: { plumbline: { conversationId } }`, else by its prompt.
 * @throws SetupError or RejectedError when a tool can't be declared so
 */
export function plumbline(options: PlumblineTelemetryOptions = {}): PlumblineTelemetry {
  installAbortableFetch();
  const telemetry = new AiSdkTelemetry(toolPolicies(options.tools ?? {}));
  queueMicrotask(() => becomeInnermost(telemetry));
  return telemetry;
}
