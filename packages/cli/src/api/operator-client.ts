import {
  RejectedError,
  RetryableError,
  apiErrorSchema,
  approvalListSchema,
  changeHeader,
  commandAcceptedSchema,
  feedbackSchema,
  incidentSchema,
  messageOf,
  operatorPath,
  runDetailSchema,
  runListSchema,
  sqlResultSchema,
  systemStatusSchema,
  watchEventSchema,
  type ApprovalAnswer,
  type ApprovalList,
  type CommandAccepted,
  type CommandRequest,
  type Feedback,
  type FeedbackRequest,
  type Incident,
  type RunDetail,
  type RunList,
  type SqlResult,
  type SystemStatus,
  type WatchEvent,
} from "@plumbline/contracts";
import { type AuditClient, createAuditClient } from "./audit-client.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

export interface OperatorClientOptions {
  /** Base address of the operator API. */
  url: string;
  token: string | undefined;
}

/** The operator API as functions; each rejects with an error that says what to do. */
export interface OperatorClient {
  runs(filter?: { status?: string; limit?: number }): Promise<RunList>;
  run(runId: string): Promise<RunDetail>;
  incident(incidentId: string): Promise<Incident>;
  command(runId: string, request: CommandRequest): Promise<CommandAccepted>;
  approvals(filter: { runId?: string; pending: boolean }): Promise<ApprovalList>;
  answer(approvalId: string, answer: ApprovalAnswer): Promise<CommandAccepted>;
  feedback(findingId: string, request: FeedbackRequest): Promise<Feedback>;
  sql(query: string): Promise<SqlResult>;
  status(): Promise<SystemStatus>;
  audit: AuditClient;
  watch(options: { runId?: string; signal: AbortSignal }): AsyncIterable<WatchEvent>;
}

interface Parser<Value> {
  parse(value: unknown): Value;
}

async function refusalOf(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = apiErrorSchema.safeParse(body);
  const text = parsed.success ? parsed.data.error.message : `The server answered ${String(response.status)}.`;
  const code = parsed.success ? parsed.data.error.code : "API_REFUSED";
  const details =
    response.status === 401 ? { code, mend: "Set PLUMBLINE_TOKEN to a token with the role." } : { code };
  return response.status >= 500 ? new RetryableError(text, details) : new RejectedError(text, details);
}

function connect({ url, token }: OperatorClientOptions) {
  return async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json", [changeHeader]: "1" };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (init.body !== undefined) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { ...init, headers });
    } catch (cause) {
      throw new RetryableError(
        `No Plumbline answers at ${url} (${messageOf((cause as Error).cause ?? cause)}).`,
        {
          code: "API_UNREACHABLE",
          mend: "Start one with `plumbline up`, or set PLUMBLINE_API to its address.",
          cause,
        },
      );
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  };
}

export function createOperatorClient(options: OperatorClientOptions): OperatorClient {
  const request = connect(options);
  const read = async <Value>(schema: Parser<Value>, path: string): Promise<Value> =>
    schema.parse(await (await request(path)).json());
  const send = async <Value>(schema: Parser<Value>, path: string, body: unknown): Promise<Value> =>
    schema.parse(await (await request(path, { method: "POST", body: JSON.stringify(body) })).json());

  return {
    runs({ status, limit } = {}) {
      const query = new URLSearchParams();
      if (status !== undefined) query.set("status", status);
      if (limit !== undefined) query.set("limit", String(limit));
      return read(runListSchema, `${operatorPath.runs}?${query.toString()}`);
    },
    run: (runId) => read(runDetailSchema, operatorPath.run(runId)),
    incident: (incidentId) => read(incidentSchema, operatorPath.incident(incidentId)),
    command: (runId, body) => send(commandAcceptedSchema, operatorPath.commands(runId), body),
    approvals({ runId, pending }) {
      const query = new URLSearchParams({ pending: String(pending) });
      if (runId !== undefined) query.set("run", runId);
      return read(approvalListSchema, `${operatorPath.approvals}?${query.toString()}`);
    },
    answer: (approvalId, body) => send(commandAcceptedSchema, operatorPath.approval(approvalId), body),
    feedback: (findingId, body) => send(feedbackSchema, operatorPath.feedback(findingId), body),
    sql: (query) => send(sqlResultSchema, operatorPath.sql, { query }),
    status: () => read(systemStatusSchema, operatorPath.status),
    audit: createAuditClient(read),
    async *watch({ runId, signal }) {
      const query = runId === undefined ? "" : `?run=${encodeURIComponent(runId)}`;
      const response = await request(`${operatorPath.watch}${query}`, { signal });
      if (response.body === null) return;
      for await (const data of readServerSentEvents(response.body))
        yield watchEventSchema.parse(JSON.parse(data));
    },
  };
}
