import type { TableItems, TableName } from "../store.ts";
import { ackMapping } from "./acks.ts";
import { approvalMapping } from "./approvals.ts";
import { auditHeadMapping, complianceMapping, technicalMapping } from "./audit.ts";
import { checkpointMapping } from "./checkpoints.ts";
import { commandMapping } from "./commands.ts";
import { directiveMapping } from "./directives.ts";
import { feedbackMapping } from "./feedback.ts";
import { findingMapping } from "./findings.ts";
import { logMapping } from "./otel-logs.ts";
import { spanMapping } from "./otel-traces.ts";
import { runMapping } from "./runs.ts";
import { scoreMapping } from "./scores.ts";
import { stepMapping } from "./steps.ts";
import type { TableMapping } from "./table-mapping.ts";

/** The database that all tables live in; every statement names it. */
export const databaseName = "plumbline";

/** Every table that items are inserted into. */
export const tableMappings: { readonly [Name in TableName]: TableMapping<TableItems[Name]> } = {
  otel_traces: spanMapping,
  otel_logs: logMapping,
  steps: stepMapping,
  scores: scoreMapping,
  findings: findingMapping,
  commands: commandMapping,
  directives: directiveMapping,
  acks: ackMapping,
  runs: runMapping,
  approvals: approvalMapping,
  checkpoints: checkpointMapping,
  tool_calls_audit: complianceMapping,
  audit_log: technicalMapping,
  audit_heads: auditHeadMapping,
  feedback: feedbackMapping,
};
