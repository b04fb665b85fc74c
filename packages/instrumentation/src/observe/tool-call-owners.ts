import { isToolCallPart, type Message } from "@plumbline/contracts";
import canonicalize from "canonicalize";
import type { RunRecord } from "../run/run-record.ts";

const maxOwners = 10_000;
const ambiguous = Symbol("asked for by more than one run");

/**
 * Which run asked for a tool call, by the model's id of the call: frameworks run their tools without a word on the
 * conversation. An id that two runs were given belongs to neither.
 */
export class ToolCallOwners {
  private readonly owners = new Map<string, RunRecord | typeof ambiguous>();

  remember(run: RunRecord, callId: string): void {
    const known = this.owners.get(callId);
    this.owners.delete(callId);
    this.owners.set(callId, known === undefined || known === run ? run : ambiguous);
    const oldest = this.owners.keys().next();
    if (this.owners.size > maxOwners && oldest.done !== true) this.owners.delete(oldest.value);
  }

  /** Remembers every tool call that a model asks for. */
  rememberAll(run: RunRecord, output: readonly Message[]): void {
    const calls = output.flatMap((message) => message.parts.filter((part) => isToolCallPart(part)));
    for (const { id, name, arguments: args } of calls) {
      if (typeof id === "string") this.remember(run, id);
      this.remember(run, contentKey(name, args));
    }
  }

  /** The run that asked for this very call, where the call's id is not to be had. */
  ofCall(toolName: string, args: unknown): RunRecord | undefined {
    return this.of(contentKey(toolName, args));
  }

  of(callId: unknown): RunRecord | undefined {
    const owner = typeof callId === "string" ? this.owners.get(callId) : undefined;
    return owner === ambiguous ? undefined : owner;
  }
}

function contentKey(toolName: string, args: unknown): string {
  return `${toolName}\n${canonicalize(args ?? {}) ?? ""}`;
}

/** Those of this process. */
export const toolCallOwners = new ToolCallOwners();
