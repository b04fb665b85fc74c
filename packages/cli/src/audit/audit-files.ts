import { readFile } from "node:fs/promises";
import {
  auditHeadHash,
  messageOf,
  SetupError,
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
} from "@plumbline/contracts";
import type { AuditTrailSource } from "./verify-trail.ts";

async function linesOf<Line>(path: string): Promise<Line[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new SetupError(`${path} can't be read: ${messageOf(cause)}.`, { code: "AUDIT_FILE", cause });
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as Line];
    } catch (cause) {
      throw new SetupError(`${path}, line ${String(index + 1)}, is not JSON: the file was cut or changed.`, {
        code: "AUDIT_FILE",
        cause,
      });
    }
  });
}

/** A sink delivers at least once: equal lines are one. */
function once<Line>(lines: readonly Line[]): Line[] {
  const seen = new Map(lines.map((line) => [auditHeadHash(JSON.stringify(line)), line]));
  return [...seen.values()];
}

/** Heads that were kept outside, one per line. */
export const readHeadFile = async (path: string): Promise<SignedAuditHead[]> =>
  once(await linesOf<SignedAuditHead>(path));

export interface AuditFiles {
  compliance: string | undefined;
  technical: string | undefined;
}

/** The parts as sinks wrote them to files; the heads are those of the server, or none. */
export async function openAuditFiles(
  files: AuditFiles,
  heads: () => Promise<SignedAuditHead[]>,
): Promise<AuditTrailSource> {
  const compliance =
    files.compliance === undefined ? [] : once(await linesOf<StoredCompliance>(files.compliance));
  const technical =
    files.technical === undefined ? [] : once(await linesOf<StoredTechnical>(files.technical));
  const ofRun =
    <Row extends StoredCompliance | StoredTechnical>(rows: readonly Row[]) =>
    (runId: string): Promise<Row[]> =>
      Promise.resolve(rows.filter(({ link }) => link.runId === runId));
  const runIds = new Set([...compliance, ...technical].map(({ link }) => link.runId));
  return {
    heads,
    runIds: () => Promise.resolve([...runIds]),
    compliance: ofRun(compliance),
    technical: ofRun(technical),
  };
}
