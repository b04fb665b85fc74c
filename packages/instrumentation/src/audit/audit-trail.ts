import {
  appendAudit,
  type AuditChainEnd,
  type AuditRecord,
  type AuditTechnical,
  eventName,
  type IdSource,
  messageOf,
} from "@plumbline/contracts";
import type { Afterwards } from "../afterwards.ts";
import type { EventReporter } from "../export/event-reporter.ts";
import type { ContentPolicy } from "../observe/redact/content-policy.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { ToolCallUnderWay } from "../tool/tool-stage.ts";
import { debugLog } from "../transport/debug-log.ts";
import { type AuditFile, createAuditFile } from "./audit-file.ts";
import { type AuditedEnding, complianceOf, isHarmless } from "./compliance.ts";

export interface AuditTrailOptions {
  reporter: EventReporter;
  policy: ContentPolicy;
  afterwards: Afterwards;
  /** For chains and salts: nobody must be able to guess one. */
  ids: IdSource;
  settings: {
    tenantId: string;
    audit: "on" | "off";
    auditComplianceFile?: string | undefined;
    auditTechnicalFile?: string | undefined;
    auditFsync: boolean;
  };
}

/*
 * Owns: the chain of every run of this process, and that each record stands in the spool (and in the files, where there
 * are any) before the call's result goes on; of a call that changes little, soon after.
 * Does not own: keys. Nobody can sign in an agent's process what the agent could not forge; the analyzer countersigns.
 */
class ChainedAuditTrail implements AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #ends = new WeakMap<RunRecord, AuditChainEnd>();
  readonly #complianceFile: AuditFile | undefined;
  readonly #technicalFile: AuditFile | undefined;

  constructor(options: AuditTrailOptions) {
    const { auditComplianceFile, auditTechnicalFile, auditFsync: fsync } = options.settings;
    this.#options = options;
    const open = (path: string | undefined): AuditFile | undefined =>
      path === undefined ? undefined : createAuditFile(path, { fsync });
    this.#complianceFile = open(auditComplianceFile);
    this.#technicalFile = open(auditTechnicalFile);
  }

  record(call: ToolCallUnderWay, ending: AuditedEnding): void {
    const { afterwards } = this.#options;
    if (this.#mayFollow(call)) {
      afterwards.add(() => this.#tryToRecord(call, ending));
      return;
    }
    // What was put off comes before it in the chain.
    afterwards.settle();
    this.#tryToRecord(call, ending);
  }

  /** Calls that change little are recorded once the agent has their answer. */
  #mayFollow({ tool }: ToolCallUnderWay): boolean {
    const hasFiles = this.#complianceFile !== undefined || this.#technicalFile !== undefined;
    return !hasFiles && isHarmless(tool?.traits.risk);
  }

  #tryToRecord(call: ToolCallUnderWay, ending: AuditedEnding): void {
    try {
      this.#record(call, ending);
    } catch (thrown) {
      debugLog("a tool call could not be audited: %s", messageOf(thrown));
    }
  }

  #record(call: ToolCallUnderWay, ending: AuditedEnding): void {
    const { run } = call;
    const { runId, agentName, traceId, spanId } = run;
    const end = this.#ends.get(run) ?? this.#newChain(runId);
    const parts = { compliance: complianceOf(call, ending), technical: this.#technicalOf(call, ending) };
    const record = appendAudit(end, parts);
    this.#ends.set(run, record.link);
    this.#options.reporter.report({ name: eventName.audit, runId, agentName, record }, { traceId, spanId });
    this.#writeFiles(record);
  }

  #newChain(runId: string): AuditChainEnd {
    return { runId, chainId: this.#options.ids.next(), sequence: 0, hash: "" };
  }

  /** Its members stand in the order in which they are hashed. */
  #technicalOf(call: ToolCallUnderWay, ending: AuditedEnding): AuditTechnical {
    const { policy, ids } = this.#options;
    const { learned, callId, idempotencyKey } = call;
    const { text, error, startedAtMs, endedAtMs } = ending;
    const shown = (content: string): string | null => policy.text(content)?.toWellFormed() ?? null;
    return {
      callId: callId.toWellFormed(),
      durationMs: Math.max(0, Math.trunc(endedAtMs) - Math.trunc(startedAtMs)),
      error: error === undefined ? null : policy.error(error).toWellFormed(),
      idempotencyKey,
      input: shown(learned.argumentsText),
      output: text === null ? null : shown(text),
      performedAtMs: learned.performedAtMs === null ? null : Math.trunc(learned.performedAtMs),
      salt: ids.next(),
    };
  }

  #writeFiles({ link, compliance, technical }: AuditRecord): void {
    const { tenantId } = this.#options.settings;
    this.#complianceFile?.append(JSON.stringify({ tenantId, link, compliance }));
    this.#technicalFile?.append(JSON.stringify({ tenantId, link, technical }));
  }
}

/** Writes the audit records of tool calls. */
export interface AuditTrail {
  /** Never throws: an agent does not fail because of its audit trail. */
  record(call: ToolCallUnderWay, ending: AuditedEnding): void;
}

const noAuditTrail: AuditTrail = { record: () => undefined };

/** The trail that the settings ask for. */
export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  return options.settings.audit === "off" ? noAuditTrail : new ChainedAuditTrail(options);
}
