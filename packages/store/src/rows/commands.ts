import type { Command } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

const commonFields: ReadonlySet<string> = new Set([
  "version",
  "type",
  "tenantId",
  "runId",
  "commandId",
  "verb",
  "reason",
  "issuedBy",
  "issuedAtMs",
  "findingId",
  "message",
]);

/** What only the command's verb has. */
function detailsOf(command: Command): Record<string, unknown> {
  return Object.fromEntries(Object.entries(command).filter(([field]) => !commonFields.has(field)));
}

export const commandMapping: TableMapping<Command> = {
  toRow: (command) =>
    new RowEncoder()
      .text("TenantId", command.tenantId)
      .text("RunId", command.runId)
      .text("CommandId", command.commandId)
      .text("Verb", command.verb)
      .nullableText("Reason", "reason" in command ? command.reason : null)
      .text("IssuedBy", command.issuedBy)
      .time("IssuedAt", command.issuedAtMs)
      .nullableText("FindingId", command.findingId)
      .text("Message", command.message)
      .json("Details", detailsOf(command))
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    const reason = row.nullableText("Reason");
    return {
      version: 1,
      type: "command",
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      commandId: row.text("CommandId"),
      verb: row.text("Verb"),
      ...(reason === null ? {} : { reason }),
      issuedBy: row.text("IssuedBy"),
      issuedAtMs: row.time("IssuedAt"),
      findingId: row.nullableText("FindingId"),
      message: row.text("Message"),
      ...row.json<Record<string, unknown>>("Details"),
    } as Command;
  },
};
