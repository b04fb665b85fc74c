import type { AuditLink, SignedAuditHead, StoredCompliance, StoredTechnical } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

function linkRow(tenantId: string, link: AuditLink): RowEncoder {
  return new RowEncoder()
    .text("TenantId", tenantId)
    .text("RunId", link.runId)
    .text("ChainId", link.chainId)
    .count("Sequence", link.sequence)
    .text("Previous", link.previous)
    .text("ComplianceHash", link.complianceHash)
    .text("TechnicalHash", link.technicalHash)
    .text("Hash", link.hash);
}

/** What the rows of both parts of a record begin with. */
function linkedOf(row: RowReader): { tenantId: string; link: AuditLink } {
  return {
    tenantId: row.text("TenantId"),
    link: {
      runId: row.text("RunId"),
      chainId: row.text("ChainId"),
      sequence: row.number("Sequence"),
      previous: row.text("Previous"),
      complianceHash: row.text("ComplianceHash"),
      technicalHash: row.text("TechnicalHash"),
      hash: row.text("Hash"),
    },
  };
}

export const complianceMapping: TableMapping<StoredCompliance> = {
  toRow: ({ tenantId, link, compliance }) =>
    linkRow(tenantId, link)
      .text("AgentName", compliance.agentName)
      .text("StepId", compliance.stepId)
      .text("ToolName", compliance.toolName)
      .text("Action", compliance.action)
      .nullableText("Risk", compliance.risk)
      .flag("Reversible", compliance.reversible)
      .texts("DataAccessed", compliance.dataAccessed ?? [])
      .flag("AccessDeclared", compliance.dataAccessed !== null)
      .texts("DataModified", compliance.dataModified ?? [])
      .flag("ModificationDeclared", compliance.dataModified !== null)
      .text("AuthorisedBy", compliance.authorisedBy)
      .text("Outcome", compliance.outcome)
      .nullableText("ErrorType", compliance.errorType)
      .time("StartedAt", compliance.startedAtMs)
      .time("EndedAt", compliance.endedAtMs)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      ...linkedOf(row),
      compliance: {
        agentName: row.text("AgentName"),
        stepId: row.text("StepId"),
        toolName: row.text("ToolName"),
        action: row.text("Action"),
        risk: row.nullableWord("Risk"),
        reversible: row.nullableFlag("Reversible"),
        dataAccessed: row.flag("AccessDeclared") ? row.texts("DataAccessed") : null,
        dataModified: row.flag("ModificationDeclared") ? row.texts("DataModified") : null,
        authorisedBy: row.text("AuthorisedBy"),
        outcome: row.word("Outcome"),
        errorType: row.nullableText("ErrorType"),
        startedAtMs: row.time("StartedAt"),
        endedAtMs: row.time("EndedAt"),
      },
    };
  },
};

export const technicalMapping: TableMapping<StoredTechnical> = {
  toRow: ({ tenantId, link, technical }) =>
    linkRow(tenantId, link)
      .text("CallId", technical.callId)
      .text("IdempotencyKey", technical.idempotencyKey)
      .nullableText("Input", technical.input)
      .nullableText("Output", technical.output)
      .nullableText("Error", technical.error)
      .nullableTime("PerformedAt", technical.performedAtMs)
      .count("DurationMs", technical.durationMs)
      .text("Salt", technical.salt)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      ...linkedOf(row),
      technical: {
        salt: row.text("Salt"),
        callId: row.text("CallId"),
        idempotencyKey: row.text("IdempotencyKey"),
        input: row.nullableText("Input"),
        output: row.nullableText("Output"),
        error: row.nullableText("Error"),
        performedAtMs: row.nullableTime("PerformedAt"),
        durationMs: row.number("DurationMs"),
      },
    };
  },
};

export const auditHeadMapping: TableMapping<SignedAuditHead> = {
  toRow: (head) =>
    new RowEncoder()
      .text("TenantId", head.tenantId)
      .smallCount("Ledger", head.ledger, 2 ** 32)
      .count("Entry", head.index)
      .text("Payload", head.payload)
      .text("KeyId", head.keyId)
      .text("Signature", head.signature)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      tenantId: row.text("TenantId"),
      ledger: row.number("Ledger"),
      index: row.number("Entry"),
      payload: row.text("Payload"),
      keyId: row.text("KeyId"),
      signature: row.text("Signature"),
    };
  },
};
