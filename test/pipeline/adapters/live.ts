import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunDetail } from "@plumbline/contracts";
import { configurePlumbline, shutdown } from "@plumbline/instrumentation";
import {
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import { expect, vi } from "vitest";
import { createOperatorClient, type OperatorClient } from "../../../packages/cli/src/api/operator-client.ts";
import { createPlace, type PlumblineProcess, startPlumbline } from "../support/plumbline-process.ts";

/** How the model and the tool behave for the questions that begin with one word. */
export interface Script {
  /** Tool calls, one a turn, before the answer. Default: 1. */
  turns?: number;
  /** Before the model's answer of this turn, the first being 0. */
  delayMs?: (turn: number) => number;
}

/** A Plumbline, a model and a tool for agents of any stack: what they do, and what became of it. */
export interface Live {
  model: ScriptedModel;
  client: OperatorClient;
  scripts: Map<string, Script>;
  /** The one tool of every agent; waits where a test holds it. */
  findOrders(question: string): Promise<string>;
  /** Makes the tool wait for a question; the returned function lets it go on. */
  hold(question: string): () => void;
  /** Questions that the tool was called for, oldest first. */
  asked: string[];
  requestsFor(question: string): ScriptedRequest[];
  /** The run of a question, as soon as Plumbline knows it. */
  runOf(question: string): Promise<string>;
  /** What Plumbline knows of a run, once `holds` does not throw for it. */
  seen(runId: string, holds: (detail: RunDetail) => void): Promise<RunDetail>;
  /** Sends a command and waits until the agent has it. */
  command(runId: string, request: Parameters<OperatorClient["command"]>[1]): Promise<void>;
  close(): Promise<void>;
}

const timing = { timeout: 15_000, interval: 25 };

const questionOf = (request: ScriptedRequest): string =>
  request.messages.find((message) => message.role === "user")?.text ?? "";

/** Calls the tool once a turn, then answers. */
function answer(scripts: Map<string, Script>, request: ScriptedRequest): ScriptedAnswer {
  const question = questionOf(request);
  const { turns = 1, delayMs } = scripts.get(question.split(" ")[0] ?? "") ?? {};
  const turn = request.messages.filter((message) => message.role === "tool").length;
  const usage = { inputTokens: 100 + turn, outputTokens: 10 };
  const delay = { delayMs: delayMs?.(turn) ?? 0 };
  if (turn >= turns) return { text: `answer to ${question}`, usage, ...delay };
  return { toolCalls: [{ name: "find_orders", arguments: { q: question, turn } }], usage, ...delay };
}

class LiveSetting implements Live {
  readonly scripts = new Map<string, Script>();
  readonly asked: string[] = [];
  readonly client: OperatorClient;
  readonly model: ScriptedModel;
  private readonly held = new Map<string, Promise<void>>();
  private readonly plumbline: PlumblineProcess;
  private readonly directory: string;

  constructor(parts: {
    plumbline: PlumblineProcess;
    model: ScriptedModel;
    apiPort: number;
    directory: string;
    scripts: Map<string, Script>;
  }) {
    this.plumbline = parts.plumbline;
    this.model = parts.model;
    this.directory = parts.directory;
    this.scripts = parts.scripts;
    this.client = createOperatorClient({
      url: `http://127.0.0.1:${String(parts.apiPort)}`,
      token: undefined,
    });
  }

  async findOrders(question: string): Promise<string> {
    this.asked.push(question);
    await this.held.get(question);
    return JSON.stringify({ rows: [`order of ${question}`] });
  }

  hold(question: string): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.held.set(question, promise);
    return () => resolve(undefined);
  }

  requestsFor(question: string): ScriptedRequest[] {
    return this.model.requests.filter((request) => questionOf(request) === question);
  }

  async runOf(question: string): Promise<string> {
    return vi.waitFor(async () => {
      const { runs } = await this.client.runs({ limit: 200 });
      const run = runs.find(({ goal }) => goal.includes(question));
      expect(run, `a run for "${question}" among ${runs.map(({ goal }) => goal).join(", ")}`).toBeDefined();
      return run?.runId ?? "";
    }, timing);
  }

  seen(runId: string, holds: (detail: RunDetail) => void): Promise<RunDetail> {
    return vi.waitFor(async () => {
      const detail = await this.client.run(runId);
      holds(detail);
      return detail;
    }, timing);
  }

  async command(runId: string, request: Parameters<OperatorClient["command"]>[1]): Promise<void> {
    const { commandId } = await this.client.command(runId, request);
    await this.seen(runId, ({ commands }) => {
      const sent = commands.find(({ command }) => command.commandId === commandId);
      expect(sent?.acknowledged.map(({ phase }) => phase)).toContain("received");
    });
  }

  async close(): Promise<void> {
    await shutdown();
    await this.model.close();
    await this.plumbline.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Starts an embedded Plumbline that only does what it is told, and points this process at it. */
export async function startLive(): Promise<Live> {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-adapter-"));
  const place = await createPlace(directory, "observe");
  const scripts = new Map<string, Script>();
  const [plumbline, model] = await Promise.all([
    startPlumbline(place),
    startScriptedModel({ answer: (request) => answer(scripts, request) }),
  ]);
  configurePlumbline({
    service: "shop",
    endpoint: `http://127.0.0.1:${String(place.otlpHttpPort)}`,
    dataDirectory: directory,
  });
  return new LiveSetting({ plumbline, model, apiPort: place.apiPort, directory, scripts });
}
