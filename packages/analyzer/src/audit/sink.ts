import { open } from "node:fs/promises";
import { derivedId, messageOf, RetryableError } from "@plumbline/contracts";

/** Where audit records go besides the tables, or instead of them. */
export type AuditSinkSettings =
  | { to: "table" }
  | { to: "file"; path: string; fsync: boolean }
  | { to: "webhook"; url: string; token: string | null };

/** A place outside. Lines may come again after a failure. */
export interface AuditSink {
  /** The same for the same place. */
  id: string;
  /** @throws RetryableError when the lines have not arrived */
  deliver(lines: readonly string[]): Promise<void>;
}

const requestTimeoutMs = 10_000;

function fileSink(path: string, fsync: boolean): AuditSink {
  return {
    id: derivedId("s", ["file", path]),
    async deliver(lines) {
      try {
        const file = await open(path, "a", 0o600);
        try {
          await file.appendFile(`${lines.join("\n")}\n`);
          if (fsync) await file.sync();
        } finally {
          await file.close();
        }
      } catch (cause) {
        throw new RetryableError(`Audit records can't be written to ${path}: ${messageOf(cause)}.`, {
          code: "AUDIT_SINK",
          mend: "Make the directory and let the analyzer write to it.",
          cause,
        });
      }
    },
  };
}

function webhookSink(url: string, token: string | null): AuditSink {
  const name = `webhook ${new URL(url).host}`;
  const headers = {
    "content-type": "application/x-ndjson",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const post = async (body: string): Promise<void> => {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`it answered ${String(response.status)}`);
  };
  return {
    id: derivedId("s", ["webhook", url]),
    async deliver(lines) {
      try {
        await post(`${lines.join("\n")}\n`);
      } catch (cause) {
        throw new RetryableError(`Audit records can't be delivered to the ${name}: ${messageOf(cause)}.`, {
          code: "AUDIT_SINK",
          mend: "Check the address and the token; delivery is tried again.",
          cause,
        });
      }
    },
  };
}

/** The sink that the settings name; undefined for the tables, which the audit worker fills itself. */
export function createAuditSink(settings: AuditSinkSettings): AuditSink | undefined {
  switch (settings.to) {
    case "table":
      return undefined;
    case "file":
      return fileSink(settings.path, settings.fsync);
    case "webhook":
      return webhookSink(settings.url, settings.token);
  }
}
