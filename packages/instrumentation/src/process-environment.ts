import { backgroundClock, eventName, SetupError, systemIds, systemRandom } from "@plumbline/contracts";
import { type InstrumentationConfig, resolveSettings } from "./config/config.ts";
import { settingsFromEnvironment } from "./config/config-from-environment.ts";
import { createRuntime, type Runtime } from "./runtime.ts";

const flushAtExitMs = 2000;
const idleRunMs = 1_800_000;
/** One runtime per process even when two copies of the package are loaded. */
const globalKey = Symbol.for("plumbline.runtime");

interface GlobalSlot {
  [globalKey]?: Runtime;
}

const slot = globalThis as GlobalSlot;
let configured: InstrumentationConfig = {};

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

function beat(runtime: Runtime): void {
  const nowMs = runtime.clock.nowMs();
  endRestingRuns(runtime, nowMs - idleRunMs);
  for (const run of runtime.runs.runs()) {
    const isIdle = run.openCalls.size === 0 && nowMs - run.lastActiveAtMs > 2 * runtime.settings.heartbeatMs;
    if (run.declaration.implicit && isIdle) continue;
    const { runId, agentName, traceId, spanId } = run;
    const { instanceId } = runtime;
    const openSteps = run.openCalls.size;
    runtime.reporter.report(
      { name: eventName.heartbeat, runId, agentName, instanceId, openSteps },
      { traceId, spanId },
    );
  }
}

/**
 * Recognised runs whose last answer owed nothing are over when the process has nothing left to do, or when nothing came
 * since `idleSinceMs`; a conversation that goes on later begins again under its id.
 */
function endRestingRuns(runtime: Runtime, idleSinceMs: number): void {
  for (const run of runtime.runs.runs()) {
    if (
      !run.declaration.implicit ||
      !run.atRest ||
      run.openCalls.size > 0 ||
      run.lastActiveAtMs > idleSinceMs
    )
      continue;
    const { runId, agentName } = run;
    const end = { status: "completed", stopReason: "COMPLETED", message: null, output: null } as const;
    run.lifecycle.end("completed", { stopReason: "COMPLETED", message: "" });
    runtime.reporter.report({ name: eventName.runEnd, runId, agentName, ...end });
    runtime.runs.end(run);
  }
}

/** What a try to send everything before the end of the process left waiting. */
let unsent = -1;

function start(): Runtime {
  const settings = resolveSettings(settingsFromEnvironment(), configured);
  const ports = {
    clock: backgroundClock,
    random: systemRandom,
    ids: systemIds,
    processId: process.pid,
    isAlive,
  };
  const runtime = createRuntime(settings, ports);
  setInterval(() => beat(runtime), settings.heartbeatMs).unref();
  process.on("beforeExit", () => {
    endRestingRuns(runtime, Infinity);
    // Nothing left, or the last try sent nothing: let the process go.
    if (runtime.pending === 0 || runtime.pending === unsent) return;
    unsent = runtime.pending;
    void runtime.flush(flushAtExitMs);
  });
  process.on("exit", () => runtime.park());
  return runtime;
}

/** The runtime of this process; started at the first use. */
export function processRuntime(): Runtime {
  return (slot[globalKey] ??= start());
}

/**
 * Sets up the instrumentation of this process, over what `PLUMBLINE_*` say. To be called before the first run.
 * @throws SetupError when a setting is wrong, or when the instrumentation is in use already
 */
export function configurePlumbline(config: InstrumentationConfig): void {
  if (slot[globalKey] !== undefined) {
    throw new SetupError("The instrumentation is in use already.", {
      code: "CONFIGURED_TOO_LATE",
      mend: "Call configurePlumbline() before the first model call or supervise().",
    });
  }
  resolveSettings(settingsFromEnvironment(), config);
  configured = config;
}

/** Sends what still waits (for at most `timeoutMs`) and closes the control channel. */
export async function shutdown(timeoutMs: number = flushAtExitMs): Promise<void> {
  const runtime = slot[globalKey];
  if (runtime === undefined) return;
  endRestingRuns(runtime, Infinity);
  await runtime.flush(timeoutMs);
  runtime.park();
  unsent = runtime.pending;
  runtime.channel.close();
}

/** What happened to telemetry and directives in this process so far; zeroes before the first run. */
export interface PlumblineStatus {
  /** Events and spans lost: dropped from a full queue or refused by the receiver. */
  droppedRecords: number;
  pendingRecords: number;
  liveRuns: number;
  /** Directives that were not obeyed, by why. */
  rejectedDirectives: Record<string, number>;
  /** Whether the control channel stands. */
  controlConnected: boolean;
}

export function plumblineStatus(): PlumblineStatus {
  const runtime = slot[globalKey];
  return {
    droppedRecords: runtime?.reporter.dropped ?? 0,
    pendingRecords: runtime?.pending ?? 0,
    liveRuns: runtime?.runs.runs().length ?? 0,
    rejectedDirectives: Object.fromEntries(runtime?.receiver.rejections ?? []),
    controlConnected: runtime?.channel.lostSinceMs() === null,
  };
}
