import { SetupError, type ToolTraits } from "@plumbline/contracts";
import { z } from "zod";
import { type ActionDeclaration, actionPolicyOf, risks } from "./action-policy.ts";
import { classifyFailure, type FailureClass } from "./failure/classify-failure.ts";
import {
  type RetryOptions,
  resilienceOf,
  type ResilienceSettings,
  type ToolResilience,
} from "./tool-resilience.ts";
import type { RegisteredTool, ToolAudit } from "./tool.ts";

/**
 * What an application declares of a tool that a framework calls. The meaning is that of `run.tool`; what is left out keeps the
 * tool as it was without us: it is called once for each call of the model, takes its time and is cut nowhere.
 */
export interface DeclaredTool
  extends
    ToolTraits,
    Omit<ActionDeclaration, "name" | "traits" | keyof ToolTraits>,
    Omit<ToolResilience<never>, "onError" | "retry"> {
  /** Retries of one call by us, beside those of the framework. Default: none. */
  retry?: false | Omit<RetryOptions<never>, "refresh">;
  /** For one attempt. Default: no limit. */
  timeoutMs?: number;
  /** What the call is to bring about, in words for whoever is asked to approve it; default: the description. */
  expectedOutcome?: (input: never) => string;
  audit?: ToolAudit;
}

/** What is declared about the tools of a framework, by name. */
export type DeclaredTools = Readonly<Record<string, DeclaredTool>>;

/** What holds for every call of one tool. */
export interface ToolPolicy extends Pick<
  RegisteredTool,
  "traits" | "audit" | "action" | "expectedOutcome" | "timeoutMs" | "resilience"
> {
  /** What becomes of a call that was under way when the process ended; undefined where nobody said. */
  onInFlight: DeclaredTool["onInFlight"];
  /** Longest text that goes to the model in place of the result; undefined: the result goes as it is. */
  longestResult: number | undefined;
}

const count = z.number().int().positive();

/** Types don't reach every caller, and a misspelt word would quietly take a tool's protection away. */
const declaredSchema = z
  .strictObject({
    risk: z.enum(risks),
    reversible: z.boolean(),
    mutates: z.boolean(),
    polls: z.boolean(),
    checkpoint: z.boolean(),
    onInFlight: z.enum(["ask", "retry", "skip"]),
    approval: z.union([
      z.enum(["ask", "never"]),
      z.strictObject({ onTimeout: z.enum(["deny", "approve"]), timeoutMs: count }).partial(),
    ]),
    retry: z.union([
      z.literal(false),
      z.strictObject({ attempts: count, firstDelayMs: z.number(), maxDelayMs: z.number() }).partial(),
    ]),
    breaker: z.union([
      z.literal(false),
      z.strictObject({ failures: count, probeAfterMs: count, endpoint: z.unknown() }).partial(),
    ]),
    onUngroundedIds: z.enum(["mark", "warn", "refuse"]),
    maxResultCharacters: count,
    timeoutMs: count,
    audit: z
      .strictObject({ action: z.string(), accesses: z.array(z.string()), modifies: z.array(z.string()) })
      .partial(),
    classifyFailure: z.unknown(),
    expectedOutcome: z.unknown(),
  })
  .partial();

/** @throws SetupError naming the tool and the option */
function check(name: string, declared: DeclaredTool): void {
  const result = declaredSchema.safeParse(declared);
  if (result.success) return;
  throw new SetupError(`The tool "${name}" can't be declared so: ${z.prettifyError(result.error)}`, {
    code: "TOOL_DECLARATION",
    mend: "The options of tools are listed in docs/integrations.md.",
  });
}

function traitsOf({ risk, reversible, mutates, polls }: DeclaredTool): ToolTraits {
  const traits = { risk, reversible, mutates, polls };
  return Object.fromEntries(Object.entries(traits).filter(([, value]) => value !== undefined));
}

/**
 * Many tools throw what the model is to read: only failures that speak of an outage count against a tool whose breaker
 * nobody declared.
 */
function classifierOf({ breaker, classifyFailure: own }: DeclaredTool): ResilienceSettings["classify"] {
  const byDefault = (error: unknown): FailureClass | undefined => {
    const failure = classifyFailure(error);
    return failure === "fatal" && breaker === undefined ? undefined : failure;
  };
  return (error) => own?.(error) ?? byDefault(error);
}

function policyOf(name: string, declared: DeclaredTool): ToolPolicy {
  const { mutates, polls, expectedOutcome, timeoutMs = Infinity, retry = false } = declared;
  const { risk, reversible, ...action } = declared;
  const policy = actionPolicyOf({
    ...action,
    name,
    ...(risk === undefined ? {} : { risk }),
    ...(reversible === undefined ? {} : { reversible }),
    traits: { mutates, polls },
  });
  return {
    traits: traitsOf(declared),
    audit: declared.audit,
    action: policy,
    expectedOutcome: expectedOutcome as RegisteredTool["expectedOutcome"],
    timeoutMs,
    resilience: { ...resilienceOf<never>({ ...declared, retry }, policy), classify: classifierOf(declared) },
    onInFlight: declared.onInFlight,
    longestResult: declared.maxResultCharacters,
  };
}

/** What holds for the tools of one framework, by name: as they are declared, or by default. */
export type ToolPolicies = (toolName: string) => ToolPolicy;

/**
 * The policies that declarations amount to.
 * @throws SetupError when a declaration has a word that is none of its option; RejectedError when an irreversible action
 *   would be approved by nobody's answer
 */
export function toolPolicies(declared: DeclaredTools): ToolPolicies {
  const policies = new Map<string, ToolPolicy>();
  for (const [name, one] of Object.entries(declared)) {
    check(name, one);
    policies.set(name, policyOf(name, one));
  }
  const undeclared = policyOf("", {});
  return (toolName) => policies.get(toolName) ?? undeclared;
}
