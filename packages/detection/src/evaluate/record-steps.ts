import { type Message, type MessagePart, noUsage, type ReportedError, type Step } from "@plumbline/contracts";
import { classifyOutcome } from "../outcome/classify-outcome.ts";
import type { RunRecord, RunRecordStep } from "./run-record.ts";

const originMs = 1_700_000_000_000;
const stepMs = 1000;

/** A step with the index it has in the record. */
export interface RecordedStep {
  step: Step;
  index: number;
}

/** Fixed text that stands for what the record left out of a long one, so that equal texts stay equal and others not. */
function withClip(text: string, clip: RunRecordStep["clip"]): string {
  return clip === undefined ? text : `${text}\n[${clip.sha}]`;
}

function argumentsOf(recorded: RunRecordStep): string {
  const text = typeof recorded.args === "string" ? recorded.args : JSON.stringify(recorded.args ?? {});
  return withClip(text, recorded.args_clip);
}

interface Position {
  record: RunRecord;
  recorded: RunRecordStep;
  sequence: number;
}

function baseOf({
  record,
  recorded,
  sequence,
}: Position): Omit<Step, "kind" | "name" | "outcome" | "model" | "tool"> {
  const atMs = originMs + (recorded.at ?? recorded.i * stepMs);
  return {
    version: 1,
    tenantId: "",
    runId: record.run_id.replaceAll(/\s/g, "_").slice(0, 200),
    stepId: `record.${String(recorded.i)}`,
    sequence,
    revision: 0,
    retracted: false,
    agentName: recorded.agent ?? "agent",
    service: "",
    traceId: "",
    spanId: "",
    parentSpanId: "",
    synthetic: false,
    state: "ended",
    startMs: atMs,
    endMs: atMs,
    dialect: "run-record",
  };
}

const textMessage = (role: string, text: string): Message => ({
  role,
  parts: [{ type: "text", content: text }],
});

/** Tool calls that belong to a reply: those that follow it directly. */
function callsAfter(record: RunRecord, position: number): RunRecordStep[] {
  const rest = record.steps.slice(position + 1);
  const end = rest.findIndex((step) => step.role !== "tool");
  return end < 0 ? rest : rest.slice(0, end);
}

function modelStepOf(position: Position, users: readonly string[], calls: readonly RunRecordStep[]): Step {
  const text = withClip(position.recorded.text ?? "", position.recorded.clip);
  const parts: MessagePart[] = text === "" ? [] : [{ type: "text", content: text }];
  for (const call of calls)
    parts.push({ type: "tool_call", id: null, name: call.name ?? "", arguments: call.args });
  return {
    ...baseOf(position),
    kind: "model",
    name: position.record.model ?? "model",
    outcome: { class: "ok", evidence: null, errorType: null, message: null },
    tool: null,
    model: {
      provider: "",
      requestModel: position.record.model ?? "model",
      responseModel: null,
      usage: noUsage,
      costMicroUsd: null,
      finishReasons: [],
      newInputMessages: users.map((user) => textMessage("user", user)),
      inputMessageCount: position.recorded.i + 1,
      output: parts.length === 0 ? [] : [{ role: "assistant", parts }],
    },
  };
}

function toolStepOf(position: Position): Step {
  const { recorded } = position;
  const text = argumentsOf(recorded);
  const result = withClip(recorded.text ?? "", recorded.clip);
  const reportedError: ReportedError | null = recorded.error === true ? { type: null, message: null } : null;
  return {
    ...baseOf(position),
    kind: "tool",
    name: recorded.name ?? "",
    outcome: classifyOutcome({ toolName: recorded.name ?? "", arguments: text, result, reportedError }),
    model: null,
    tool: { callId: null, arguments: text, result, traits: {} },
  };
}

/**
 * A recorded run as the steps that telemetry would have given. What a person says arrives with the next model call, or
 * with an empty one where the next step is a tool call.
 */
export function stepsOfRecord(record: RunRecord): RecordedStep[] {
  const steps: RecordedStep[] = [];
  let users: string[] = [];
  const push = (step: Step, index: number): void => void steps.push({ step, index });
  record.steps.forEach((recorded, position) => {
    const at = { record, recorded, sequence: steps.length + 1 };
    if (recorded.role === "user") users.push(recorded.text ?? "");
    else if (recorded.role === "tool") {
      if (users.length > 0) {
        const asked = { ...recorded, text: "", agent: recorded.agent, i: recorded.i };
        push(
          {
            ...modelStepOf({ ...at, recorded: asked }, users, []),
            stepId: `record.${String(recorded.i)}.asked`,
          },
          recorded.i,
        );
        users = [];
      }
      push(toolStepOf({ ...at, sequence: steps.length + 1 }), recorded.i);
    } else {
      push(modelStepOf(at, users, callsAfter(record, position)), recorded.i);
      users = [];
    }
  });
  return steps;
}
