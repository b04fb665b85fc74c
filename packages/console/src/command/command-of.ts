import { type Command, type CommandRequest, assertNever } from "@plumbline/contracts";

export interface CommandContext {
  tenantId: string;
  runId: string;
  commandId: string;
  /** Name of the token, or `local`. */
  userName: string;
  nowMs: number;
  /** Hash of the arguments that an approval is about; empty for other verbs. */
  argsHash: string;
}

/** The command record behind a person's request. */
export function commandOf(request: CommandRequest, context: CommandContext): Command {
  const { tenantId, runId, commandId, userName, nowMs, argsHash } = context;
  const common = {
    version: 1 as const,
    type: "command" as const,
    tenantId,
    runId,
    commandId,
    issuedBy: `user:${userName}`,
    issuedAtMs: nowMs,
    findingId: null,
    message: request.message,
  };
  switch (request.verb) {
    case "pause":
      return { ...common, verb: "pause", reason: "USER_PAUSED" };
    case "kill":
      return { ...common, verb: "kill", reason: "USER_KILLED" };
    case "resume":
      return { ...common, verb: "resume", say: request.say, limits: request.limits };
    case "nudge":
      return { ...common, verb: "nudge", text: request.text };
    case "limit":
      return { ...common, verb: "limit", limits: request.limits };
    case "approve": {
      const { approvalId, editedArguments } = request;
      return { ...common, verb: "approve", approvalId, argsHash, editedArguments };
    }
    case "deny":
      return { ...common, verb: "deny", approvalId: request.approvalId, argsHash };
    default:
      return assertNever(request);
  }
}
