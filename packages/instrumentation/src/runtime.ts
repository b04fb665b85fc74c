import type { Clock, IdSource, Random } from "@plumbline/contracts";
import { Afterwards } from "./afterwards.ts";
import type { Settings } from "./config/config.ts";
import { type AckReporter, createAckReporter } from "./control/ack-reporter.ts";
import { type ControlChannel, createControlChannel, noControlChannel } from "./control/control-channel.ts";
import { DirectiveReceiver } from "./control/directive-receiver.ts";
import { createKeyRing } from "./control/trusted-keys.ts";
import { createDurableParts, type DurableParts } from "./durable-parts.ts";
import { createGate, type Gate } from "./gate/gate.ts";
import { createModelPrices, type ModelPrices } from "./guard/budget/model-prices.ts";
import { addToTally, type Tally } from "./guard/guard.ts";
import { createGuardFindings, type GuardFindings, noticeTo } from "./guard/guard-findings.ts";
import { PromptEncoder } from "./observe/prompt-encoder.ts";
import { createOutlets, type Outlets } from "./outlets.ts";
import { ImplicitRuns, type RequestHints } from "./run/implicit-runs.ts";
import { createRunReports, type RunReports } from "./run/run-reports.ts";
import type { RunDeclaration, RunRecord } from "./run/run-record.ts";
import { RunRegistry } from "./run/run-registry.ts";
import { ToolBreakers } from "./tool/breaker/breaker.ts";

export interface RuntimePorts {
  /** Its sleepers must not keep the process alive. */
  clock: Clock;
  random: Random;
  ids: IdSource;
  processId: number;
  isAlive: (processId: number) => boolean;
}

/** Everything that the instrumentation of one process shares. */
export interface Runtime extends Outlets, RunReports, DurableParts {
  settings: Settings;
  instanceId: string;
  clock: Clock;
  ids: IdSource;
  /** What follows a call's answer instead of delaying it. */
  afterwards: Afterwards;
  runs: RunRegistry;
  implicitRuns: ImplicitRuns;
  gate: Gate;
  acks: AckReporter;
  prices: ModelPrices;
  encoder: PromptEncoder;
  receiver: DirectiveReceiver;
  channel: ControlChannel;
  /** Whether model clients are observed by ourselves, so that other instrumentations' spans of them are no steps. */
  observesClients: boolean;
  /** The same for tools. */
  observesTools: boolean;
  /** The run of a request that no `supervise` surrounds; reported when it is new. */
  implicitRunOf(hints: RequestHints): RunRecord;
  /** Declares a run and reports its start. */
  startRun(declaration: RunDeclaration): RunRecord;
  findings: GuardFindings;
  breakers: ToolBreakers;
  /** Adds to what a run and those above it have used up. */
  count(run: RunRecord, used: Partial<Tally>): void;
  /** Sends what waits, for at most that long; the process is kept alive meanwhile. */
  flush(timeoutMs: number): Promise<void>;
  /** Leaves what could not be sent to the next process of this machine. */
  park(): void;
  readonly pending: number;
}

const maxImplicitRuns = 5000;

function createChannel(
  settings: Settings,
  ports: RuntimePorts,
  parts: { runs: RunRegistry; receiver: DirectiveReceiver },
): ControlChannel {
  const gateway = settings.controlEndpoint ?? settings.endpoint;
  if (gateway === "off") return noControlChannel;
  const { runs, receiver } = parts;
  return createControlChannel({
    gateway,
    token: settings.token,
    clock: ports.clock,
    random: ports.random,
    runIds: () => runs.ids(),
    generationOf: (runId) => runs.get(runId)?.directive.generation ?? 0,
    onDirective: (data) => receiver.receive(data),
    onChange: () => {
      for (const run of runs.runs()) run.notify();
    },
  });
}

interface Control {
  runs: RunRegistry;
  acks: AckReporter;
  receiver: DirectiveReceiver;
  channel: ControlChannel;
  prices: ModelPrices;
  gate: Gate;
}

/** Everything that comes down, and the gate where it is obeyed. */
function createControl(
  settings: Settings,
  ports: RuntimePorts,
  up: Pick<Runtime, "reporter" | "instanceId" | "reportMove" | "findings" | "afterwards">,
): Control {
  const { clock } = ports;
  const { tenantId, trustedKeys: configured, dataDirectory } = settings;
  const acks = createAckReporter({ ...up, clock, tenantId });
  const onChanged = (startedRunId?: string): void => channel.runsChanged(startedRunId);
  const runs = new RunRegistry({ tenantId, maxImplicitRuns, onChanged, onMove: up.reportMove });
  const keys = createKeyRing({ configured, gateway: gatewayOf(settings), dataDirectory });
  const receiver = new DirectiveReceiver({ runs, keys, acks, tenantId });
  const channel: ControlChannel = createChannel(settings, ports, { runs, receiver });
  const prices = createModelPrices();
  const onNotice = noticeTo(up.findings);
  const settleAfterwards = (): void => up.afterwards.settle();
  const gate = createGate({ clock, settings, channel, acks, prices, settleAfterwards, onNotice });
  return { runs, acks, receiver, channel, prices, gate };
}

function createImplicitRuns(
  settings: Settings,
  runs: RunRegistry,
  startRun: (declaration: RunDeclaration) => RunRecord,
): ImplicitRuns {
  const { tenantId, service, budget: limits, onPause, onControlLost } = settings;
  const common = { agentName: service, parent: undefined, limits, onPause, onControlLost, implicit: true };
  return new ImplicitRuns({
    tenantId,
    service,
    get: (runId) => runs.get(runId),
    start: (named) => startRun({ ...common, ...named }),
  });
}

function addToLineage(run: RunRecord, used: Partial<Tally>): void {
  for (const one of run.lineage()) addToTally(one.tally, used);
}

/** How what waits leaves the process. */
function emptying(outlets: Outlets, afterwards: Afterwards): Pick<Runtime, "flush" | "park"> {
  const { reporter, spans, notifier, fingerprints } = outlets;
  return {
    async flush(timeoutMs) {
      afterwards.settle();
      // What waits between two attempts keeps no process alive; whoever awaits this is not to be left in the middle of it.
      const awake = setInterval(() => undefined, 60_000);
      try {
        await fingerprints.settled();
        await Promise.all([reporter, spans, notifier].map((outlet) => outlet.flush(timeoutMs)));
      } finally {
        clearInterval(awake);
      }
    },
    park() {
      afterwards.settle();
      reporter.park();
    },
  };
}

/** Wires one process's instrumentation; the only place that does. Nothing is opened before the first run. */
export function createRuntime(settings: Settings, ports: RuntimePorts): Runtime {
  const { clock, ids } = ports;
  const instanceId = ids.next();
  const afterwards = new Afterwards();
  const outlets = createOutlets(settings, ports, { instanceId, afterwards });
  const { reporter, spans, policy } = outlets;
  const findings = createGuardFindings({ ...outlets, clock, tenantId: settings.tenantId });
  const reports = createRunReports({
    reporter,
    policy,
    fingerprints: outlets.fingerprints,
    clock,
    instanceId,
  });
  const control = createControl(settings, ports, { ...reports, reporter, instanceId, findings, afterwards });
  const durable = createDurableParts(settings, ports, { ...outlets, ...control, instanceId });
  const startRun = (declaration: RunDeclaration): RunRecord => control.runs.start(declaration, clock.nowMs());
  const implicitRuns = createImplicitRuns(settings, control.runs, (declaration) => {
    const run = startRun(declaration);
    reports.reportStart(run);
    return run;
  });

  return {
    settings,
    instanceId,
    clock,
    ids,
    afterwards,
    ...outlets,
    ...control,
    ...durable,
    implicitRuns,
    observesClients: false,
    observesTools: false,
    encoder: new PromptEncoder(policy),
    implicitRunOf: (hints) => implicitRuns.runOf(hints),
    ...reports,
    startRun,
    breakers: new ToolBreakers(() => clock.nowMs()),
    findings,
    count: addToLineage,
    ...emptying(outlets, afterwards),
    get pending() {
      return reporter.pending + spans.size;
    },
  };
}

function gatewayOf(settings: Settings): string {
  const { controlEndpoint, endpoint } = settings;
  return controlEndpoint === undefined || controlEndpoint === "off" ? endpoint : controlEndpoint;
}
