import type { AgentEvent } from "@plumbline/contracts";
import { logRecordOf } from "../../pipeline/support/agent-telemetry.ts";

/** Calls of one run of the load; a stuck run makes the same one every time. */
export const callsPerRun = 6;
/** Every so many-th run is stuck. */
const stuckEvery = 5;
const requestTimeoutMs = 90_000;

export interface LoadRun {
  runId: string;
  stuck: boolean;
  /** Whether every record of it was acknowledged. */
  whole: boolean;
}

/** What was sent. Only an acknowledged record must be stored; a refused one may be, at most once. */
export interface Sent {
  runs: LoadRun[];
  /** `trace id/span id/event name`. */
  acknowledged: string[];
  refused: string[];
}

export interface LoadOptions {
  /** Base address of an OTLP/HTTP receiver; asked for every record, so that it may change. */
  url: () => string;
  prefix: string;
  /** Runs in work at the same time. */
  senders?: number;
}

interface LoadRecord {
  id: string;
  body: Uint8Array;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** The records of one run, a little apart in event time, each with an id of its own. */
export function recordsOfRun({ runId, stuck }: LoadRun, traceId: string, startMs: number): LoadRecord[] {
  const agentName = "load";
  const record = (event: AgentEvent, spanId: string, timeMs: number): LoadRecord => ({
    id: `${traceId}/${spanId}/${event.name}`,
    body: logRecordOf(event, { traceId, spanId, timeMs }).value,
  });
  const begin: AgentEvent = {
    name: "plumbline.run.start",
    runId,
    agentName,
    goal: `Look up ${runId}`,
    parentRunId: null,
    conversationId: null,
    instanceId: "load",
    limits: {},
    onPause: "wait",
    onControlLost: "continue",
    queued: false,
  };
  const calls = Array.from({ length: callsPerRun }, (_unused, index) => {
    const [spanId, atMs] = [hex(100 + index, 16), startMs + 20 * (index + 1)];
    const what = stuck ? "ada" : `customer ${String(index)} of ${runId}`;
    const tool = { kind: "tool" as const, toolName: "find_orders", callId: `${runId}-${String(index)}` };
    const common = { runId, agentName, parentSpanId: "", startMs: atMs };
    const start: AgentEvent = {
      name: "plumbline.step.start",
      ...common,
      step: { ...tool, arguments: JSON.stringify({ q: what }), traits: {} },
    };
    const end: AgentEvent = {
      name: "plumbline.step.end",
      ...common,
      endMs: atMs + 5,
      error: null,
      step: { ...tool, result: JSON.stringify({ rows: stuck ? [] : [what] }) },
    };
    return [record(start, spanId, atMs), record(end, spanId, atMs + 5)];
  });
  const end: AgentEvent = {
    name: "plumbline.run.end",
    runId,
    agentName,
    status: "completed",
    stopReason: "COMPLETED",
    message: null,
    output: null,
  };
  return [
    record(begin, hex(1, 16), startMs),
    ...calls.flat(),
    record(end, hex(1, 16), startMs + 20 * (callsPerRun + 2)),
  ];
}

/** Agents that run one after the other, without pause, until told to stop. */
export class RunLoad {
  readonly sent: Sent = { runs: [], acknowledged: [], refused: [] };
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #sending: Promise<unknown>;
  #next = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    const senders = Array.from({ length: options.senders ?? 6 }, () => this.#send());
    this.#sending = Promise.all(senders);
  }

  /** Ends the runs that have begun. */
  async stop(): Promise<Sent> {
    this.#stop.abort();
    await this.#sending;
    return this.sent;
  }

  async #send(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const number = (this.#next += 1);
      const runId = `${this.#options.prefix}-${String(number)}`;
      const run: LoadRun = { runId, stuck: number % stuckEvery === 0, whole: true };
      this.sent.runs.push(run);
      await this.#sendRun(
        run,
        `${Buffer.from(this.#options.prefix).toString("hex").slice(0, 16)}${hex(number, 16)}`,
      );
    }
  }

  async #sendRun(run: LoadRun, traceId: string): Promise<void> {
    for (const { id, body } of recordsOfRun(run, traceId.padStart(32, "a"), Date.now())) {
      const accepted = await postLogs(this.#options.url(), body);
      (accepted ? this.sent.acknowledged : this.sent.refused).push(id);
      if (accepted) continue;
      run.whole = false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Sends a request once. Only a 200 is a promise; anything else promises nothing. */
export async function postLogs(url: string, body: Uint8Array): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body as Uint8Array<ArrayBuffer>,
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Several requests in one. */
export function mergedRequest(bodies: readonly Uint8Array[]): Uint8Array {
  const resourceLogs = bodies.flatMap(
    (body) => (JSON.parse(new TextDecoder().decode(body)) as { resourceLogs: unknown[] }).resourceLogs,
  );
  return new TextEncoder().encode(JSON.stringify({ resourceLogs }));
}
