import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import {
  auditPartNames,
  type AuditPartName,
  type AuditTips,
  messageOf,
  SetupError,
  type SignedAuditHead,
  type TrustedKeys,
} from "@plumbline/contracts";
import type { AuditClient } from "../api/audit-client.ts";
import { openAuditFiles, readHeadFile } from "../audit/audit-files.ts";
import { formatTips, formatVerdict, type ReportedVerdict } from "../audit/format-verdict.ts";
import { type AuditTrailSource, verifySettledTrail } from "../audit/verify-trail.ts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { readKeyFile } from "../compose/trusted-keys.ts";

interface VerifyCommandOptions extends JsonOption {
  head?: string;
  keys?: string;
  part?: AuditPartName;
  complianceFile?: string;
  technicalFile?: string;
  headsFile?: string;
}

interface Evidence {
  source: AuditTrailSource;
  parts: ReadonlySet<AuditPartName>;
  tips: AuditTips;
  hasHeads: boolean;
}

const noTips: AuditTips = { heads: [], keys: [] };

/** Files need no server; heads are then those of a file, or none. */
async function evidenceOf(options: VerifyCommandOptions, client: () => AuditClient): Promise<Evidence> {
  const { complianceFile: compliance, technicalFile: technical, headsFile, part } = options;
  const wanted = new Set<AuditPartName>(part === undefined ? auditPartNames : [part]);
  if (compliance === undefined && technical === undefined) {
    const source = client();
    return { source, parts: wanted, tips: await source.tips(), hasHeads: true };
  }
  const heads = headsFile === undefined ? [] : await readHeadFile(headsFile);
  const source = await openAuditFiles({ compliance, technical }, () => Promise.resolve(heads));
  const given = new Set<AuditPartName>();
  if (compliance !== undefined) given.add("compliance");
  if (technical !== undefined) given.add("technical");
  return { source, parts: given, tips: noTips, hasHeads: headsFile !== undefined };
}

async function keysOf(
  options: VerifyCommandOptions,
  { tips, hasHeads }: Evidence,
): Promise<TrustedKeys["keys"]> {
  const keys = options.keys === undefined ? tips.keys : await readKeyFile(options.keys);
  if (keys.length > 0 || !hasHeads) return keys;
  throw new SetupError("Nobody told which public keys to trust.", {
    code: "KEYS_UNKNOWN",
    mend: "Give --keys the file control-public-keys.json of the analyzer's data directory.",
  });
}

/** A head sink gets the ledgers of all tenants; a server shows those of one. */
function ofTenant(kept: readonly SignedAuditHead[], { heads }: AuditTips): SignedAuditHead[] {
  const [known] = heads;
  return kept.filter(({ tenantId }) => known === undefined || tenantId === known.tenantId);
}

function anchorOf(kept: readonly SignedAuditHead[], { heads }: AuditTips): ReportedVerdict["anchored"] {
  if (kept.length > 0) return "head";
  return heads.length > 0 ? "log" : "nothing";
}

async function verify(
  run: string | undefined,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ReportedVerdict> {
  const evidence = await evidenceOf(options, () => context.client().audit);
  const { source, parts, tips, hasHeads } = evidence;
  const kept = options.head === undefined ? [] : ofTenant(await readHeadFile(options.head), tips);
  const keys = await keysOf(options, evidence);
  const anchors = [...tips.heads, ...kept];
  const verdict = await verifySettledTrail(
    { source, run, parts, anchors, keys, mustBeAttested: hasHeads },
    context.clock,
  );
  const ok = verdict.findings.length === 0;
  return { ok, ...verdict, countersigned: hasHeads, anchored: anchorOf(kept, tips) };
}

function addVerifyCommand(audit: Command, context: CommandContext): void {
  audit
    .command("verify")
    .description("find every changed, missing, inserted or truncated record, and every deleted run")
    .argument("[run]", "run id, or the beginning of one; every run when left out")
    .option("--head <file>", "heads that were kept outside, from `audit head` or a head sink")
    .option("--keys <file>", "public keys to trust, instead of those that the server names")
    .addOption(new Option("--part <part>", "look at one part only").choices(auditPartNames))
    .option("--compliance-file <file>", "what a file sink or an agent wrote, instead of the server's tables")
    .option("--technical-file <file>", "the same for the technical part")
    .option("--heads-file <file>", "all countersigned heads, to go with the files")
    .option("--json", "print JSON")
    .action(async (run: string | undefined, options: VerifyCommandOptions) => {
      const verdict = await verify(run, options, context);
      printResult(context, verdict, { json: options.json, format: formatVerdict });
      if (!verdict.ok) process.exitCode = 1;
    });
}

function addHeadCommand(audit: Command, context: CommandContext): void {
  audit
    .command("head")
    .description("show the last countersigned head of every ledger, to be kept elsewhere")
    .option("--out <file>", "write them there, one per line, for `audit verify --head`")
    .option("--json", "print JSON")
    .action(async ({ out, json }: JsonOption & { out?: string }) => {
      const tips = await context.client().audit.tips();
      if (out !== undefined) await write(out, tips);
      printResult(context, tips.heads, { json, format: (heads) => formatTips(heads, out) });
    });
}

async function write(path: string, { heads }: AuditTips): Promise<void> {
  try {
    await writeFile(path, heads.map((head) => `${JSON.stringify(head)}\n`).join(""), { flush: true });
  } catch (cause) {
    throw new SetupError(`${path} can't be written: ${messageOf(cause)}.`, { code: "HEAD_FILE", cause });
  }
}

/** The audit trail: is it as it was written, and what to hold against it later. */
export function addAuditCommand(program: Command, context: CommandContext): void {
  const audit = program.command("audit").description("verify the audit trail of tool calls");
  addVerifyCommand(audit, context);
  addHeadCommand(audit, context);
}
