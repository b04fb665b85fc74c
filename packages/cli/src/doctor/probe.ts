import {
  controlPath,
  directiveSchema,
  encodeAgentEvent,
  instrumentationScopeName,
  pollResponseSchema,
  type AgentEvent,
  type Clock,
  type Directive,
  type TrustedKeys,
} from "@plumbline/contracts";
import { verify } from "node:crypto";

/** How the doctor reaches collector and gateway. */
export interface ProbeTarget {
  otlpUrl: string;
  controlUrl: string;
  token: string | undefined;
}

/** Name of the agent under which the doctor's own run is shown. */
export const probeAgentName = "plumbline-doctor";

function headersOf({ token }: ProbeTarget): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

async function post(target: ProbeTarget, url: string, body: unknown): Promise<Response> {
  const response = await fetch(url, {
    method: "POST",
    headers: headersOf(target),
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok)
    throw new Error(`${url} answered ${String(response.status)}: ${(await response.text()).slice(0, 200)}`);
  return response;
}

function logsRequest(event: AgentEvent, nowMs: number): unknown {
  const attributes = Object.entries(encodeAgentEvent(event)).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
  const timeUnixNano = String(BigInt(nowMs) * 1_000_000n);
  const logRecords = [
    { timeUnixNano, observedTimeUnixNano: timeUnixNano, eventName: event.name, attributes },
  ];
  return { resourceLogs: [{ scopeLogs: [{ scope: { name: instrumentationScopeName }, logRecords }] }] };
}

/** Announces a run as an agent would. */
export async function startProbeRun(target: ProbeTarget, clock: Clock, runId: string): Promise<void> {
  const event: AgentEvent = {
    name: "plumbline.run.start",
    runId,
    agentName: probeAgentName,
    goal: "Prove that telemetry goes up and directives come down",
    parentRunId: null,
    conversationId: null,
    instanceId: probeAgentName,
    limits: {},
    onPause: "exit",
    onControlLost: "continue",
    queued: false,
  };
  await post(target, `${target.otlpUrl}/v1/logs`, logsRequest(event, clock.nowMs()));
}

/** Ends it as an agent that obeyed its kill would. */
export async function endProbeRun(target: ProbeTarget, clock: Clock, runId: string): Promise<void> {
  const event: AgentEvent = {
    name: "plumbline.run.end",
    runId,
    agentName: probeAgentName,
    status: "killed",
    stopReason: "USER_KILLED",
    message: "The doctor's own run.",
    output: null,
  };
  await post(target, `${target.otlpUrl}/v1/logs`, logsRequest(event, clock.nowMs()));
}

/**
 * Waits for the run's next directive and checks it as an agent would.
 * @throws Error when none comes or its signature is not of a trusted key
 */
export async function receiveDirective(
  target: ProbeTarget,
  keys: TrustedKeys,
  runId: string,
): Promise<Directive> {
  const response = await post(target, `${target.controlUrl}${controlPath.poll}`, {
    runs: { [runId]: 0 },
    waitMs: 4_000,
  });
  const { directives } = pollResponseSchema.parse(await response.json());
  const [signed] = directives;
  if (signed === undefined) throw new Error("No directive came within 4 s.");
  const key = keys.keys.find(({ keyId }) => keyId === signed.keyId);
  if (key === undefined)
    throw new Error(`The directive is signed with ${signed.keyId}, which is not among the trusted keys.`);
  const valid = verify(
    null,
    Buffer.from(signed.payload, "utf8"),
    key.publicKeyPem,
    Buffer.from(signed.signature, "base64url"),
  );
  if (!valid) throw new Error("The signature of the directive does not hold.");
  return directiveSchema.parse(JSON.parse(signed.payload));
}
