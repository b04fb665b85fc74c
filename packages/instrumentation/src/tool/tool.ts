import { RejectedError, type ToolTraits } from "@plumbline/contracts";
import { z } from "zod";
import { type ActionDeclaration, type ActionPolicy, actionPolicyOf } from "./action-policy.ts";
import { problemsOf } from "./argument-problems.ts";
import { isSynchronous } from "./synchronous-schema.ts";
import { resilienceOf, type ResilienceSettings, type ToolResilience } from "./tool-resilience.ts";

/** What a tool gets to know about the call it serves. */
export interface ToolCallContext {
  runId: string;
  toolName: string;
  /** The model's id of the call. */
  callId: string;
  /** The same for the same call of the same run, so that a repetition after a crash need not act twice. */
  idempotencyKey: string;
  /** Aborts when the run is killed or the time is over. */
  signal: AbortSignal;
}

/** What a tool tells auditors of itself. */
export interface ToolAudit {
  /** What a call does, in words for a person; the description when left out. */
  action?: string;
  /** Kinds of data it reads: `orders`, `customer address`. */
  accesses?: string[];
  /** Kinds of data it changes. */
  modifies?: string[];
}

/** A tool that the model may call. */
export interface ToolDefinition<Parameters extends z.ZodType>
  extends ToolResilience<z.output<Parameters>>, ActionDeclaration {
  description?: string;
  /** Arguments are checked against it before `execute` sees them. */
  parameters: Parameters;
  /** What the call is to bring about, in words for whoever is asked to approve it; default: the description. */
  expectedOutcome?: (input: z.output<Parameters>) => string;
  /** What the audit trail says of every call, to people who may not see its content. */
  audit?: ToolAudit;
  /** Default: `toolTimeoutMs` of the configuration. */
  timeoutMs?: number;
  execute: (input: z.output<Parameters>, call: ToolCallContext) => unknown;
}

export type ParsedArguments = { ok: true; value: unknown } | { ok: false; problems: string };

/** A definition with its schema type forgotten: one that was checked on the way in. */
export interface RegisteredTool {
  name: string;
  description: string | undefined;
  traits: ToolTraits;
  audit: ToolAudit | undefined;
  action: ActionPolicy;
  expectedOutcome: ((input: unknown) => string) | undefined;
  timeoutMs: number | undefined;
  resilience: ResilienceSettings;
  jsonSchema: Record<string, unknown>;
  /** Checks arguments; a problem list for the model when they don't fit. */
  parse: (input: unknown) => ParsedArguments | Promise<ParsedArguments>;
  execute: (input: unknown, call: ToolCallContext) => unknown;
  /** Whether a tool of a framework is left by what it threw, to be called again: no failure. */
  isLeft?: (thrown: unknown) => boolean;
}

/** A tool in the form that chat completions take. */
export interface OpenAIToolDefinition {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown> };
}

const namePattern = /^[A-Za-z0-9_-]{1,64}$/u;

function traitsOf(tool: ToolDefinition<z.ZodType>): ToolTraits {
  const { risk, reversible, traits } = tool;
  return {
    ...traits,
    ...(risk === undefined ? {} : { risk }),
    ...(reversible === undefined ? {} : { reversible }),
  };
}

/**
 * Checks a definition and prepares its schema.
 * @throws RejectedError when the model API would refuse the name or the schema has no JSON form
 */
export function registerTool<Parameters extends z.ZodType>(tool: ToolDefinition<Parameters>): RegisteredTool {
  if (!namePattern.test(tool.name)) {
    throw new RejectedError(`"${tool.name}" can't name a tool.`, {
      code: "TOOL_NAME",
      mend: "Use 1 to 64 letters, digits, hyphens and underscores.",
    });
  }
  const { expectedOutcome } = tool;
  const action = actionPolicyOf(tool);
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(tool.parameters, {
    io: "input",
    unrepresentable: "any",
  });
  const isSync = isSynchronous(tool.parameters);
  const read = (result: z.ZodSafeParseResult<unknown>): ParsedArguments =>
    result.success
      ? { ok: true, value: result.data }
      : { ok: false, problems: problemsOf(result.error, jsonSchema) };
  return {
    name: tool.name,
    description: tool.description,
    traits: traitsOf(tool),
    audit: tool.audit,
    action,
    expectedOutcome:
      expectedOutcome === undefined ? undefined : (input) => expectedOutcome(input as z.output<Parameters>),
    timeoutMs: tool.timeoutMs,
    resilience: resilienceOf(tool, action),
    jsonSchema,
    parse: (input) =>
      isSync ? read(tool.parameters.safeParse(input)) : tool.parameters.safeParseAsync(input).then(read),
    execute: (input, call) => tool.execute(input as z.output<Parameters>, call),
  };
}

export function toolDefinition(tool: RegisteredTool): OpenAIToolDefinition {
  const described = tool.description === undefined ? {} : { description: tool.description };
  return { type: "function", function: { name: tool.name, ...described, parameters: tool.jsonSchema } };
}
