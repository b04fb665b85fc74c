import { otel } from "@plumbline/contracts";
import type { Afterwards } from "./afterwards.ts";
import { type AuditTrail, createAuditTrail } from "./audit/audit-trail.ts";
import type { Settings } from "./config/config.ts";
import { type BatchQueue, createBatchQueue } from "./export/batch-queue.ts";
import { createEventReporter, type EventReporter } from "./export/event-reporter.ts";
import {
  encodeSpan,
  encodeTracesRequest,
  type EncodedSpan,
  type ResourceAttributes,
} from "./export/otlp-json.ts";
import { createOtlpSender } from "./export/otlp-sender.ts";
import { ReceiverState } from "./export/receiver-state.ts";
import type { Notifier } from "./notify/notifier.ts";
import { createWebhookNotifier } from "./notify/webhook-notifier.ts";
import {
  createFingerprints,
  type Fingerprints,
  noFingerprints,
} from "./observe/fingerprints/fingerprinter.ts";
import { type ContentPolicy, createContentPolicy } from "./observe/redact/content-policy.ts";
import { createRedactor } from "./observe/redact/redact.ts";
import { StepReporter } from "./observe/step-reporter.ts";
import { createTracing, type Tracing } from "./observe/tracing.ts";
import { packageVersion } from "./package-version.ts";
import type { RuntimePorts } from "./runtime.ts";
import { createLazySpool } from "./spool/lazy-spool.ts";

/** Spans are for viewing; what decides travels as events. */
const spanLingerMs = 100;

function signalUrl(endpoint: string, path: string): string {
  return `${endpoint.replace(/\/+$/u, "")}${path}`;
}

function resourceOf(settings: Settings, instanceId: string): ResourceAttributes {
  return {
    [otel.serviceName]: settings.service,
    [otel.serviceInstanceId]: instanceId,
    "telemetry.sdk.language": "nodejs",
    "telemetry.distro.name": "plumbline",
    "telemetry.distro.version": packageVersion,
  };
}

function createSpanQueue(
  settings: Settings,
  ports: RuntimePorts,
  receiver: ReceiverState,
): BatchQueue<EncodedSpan> {
  const { clock, random } = ports;
  const send = createOtlpSender({
    url: signalUrl(settings.endpoint, "/v1/traces"),
    token: settings.token,
    headers: settings.headers,
    clock,
  });
  return createBatchQueue<EncodedSpan>({
    name: "spans",
    send: (spans) => send(encodeTracesRequest(spans)),
    maxItems: settings.maxQueuedRecords,
    maxBatchItems: 512,
    lingerMs: spanLingerMs,
    clock,
    random,
    receiver,
  });
}

function createReporter(
  settings: Settings,
  ports: RuntimePorts,
  parts: { resource: ResourceAttributes; instanceId: string; receiver: ReceiverState },
): EventReporter {
  const { clock, random, processId, isAlive } = ports;
  const { resource, instanceId, receiver } = parts;
  return createEventReporter({
    resource,
    send: createOtlpSender({
      url: signalUrl(settings.endpoint, "/v1/logs"),
      token: settings.token,
      headers: settings.headers,
      clock,
    }),
    spool: createLazySpool(settings.dataDirectory, { processId, instanceId, isAlive }),
    clock,
    random,
    receiver,
    maxQueuedRecords: settings.maxQueuedRecords,
  });
}

/** Everything that goes up. */
export interface Outlets {
  reporter: EventReporter;
  spans: BatchQueue<EncodedSpan>;
  policy: ContentPolicy;
  fingerprints: Fingerprints;
  tracing: Tracing;
  steps: StepReporter;
  audit: AuditTrail;
  notifier: Notifier;
}

/** Wires what goes up: records, spans and notices, and the steps and audit records that go by them. */
export function createOutlets(
  settings: Settings,
  ports: RuntimePorts,
  { instanceId, afterwards }: { instanceId: string; afterwards: Afterwards },
): Outlets {
  const resource = resourceOf(settings, instanceId);
  const receiver = new ReceiverState();
  const reporter = createReporter(settings, ports, { resource, instanceId, receiver });
  const spans = createSpanQueue(settings, ports, receiver);
  const { content, redactor, fingerprintKey } = settings;
  const isSentSo = content === "fingerprints";
  const fingerprints = isSentSo ? createFingerprints(fingerprintKey ?? ports.ids.next()) : noFingerprints;
  const policy = createContentPolicy({ content, redactor, redact: createRedactor(ports.ids.next()) });
  const tracing = createTracing({ ids: ports.ids, send: (span) => spans.add(encodeSpan(resource, span)) });
  const { maxContentCharacters } = settings;
  const { clock, random } = ports;
  const steps = new StepReporter({ clock, reporter, tracing, policy, fingerprints, maxContentCharacters });
  const audit = createAuditTrail({ reporter, policy, ids: ports.ids, afterwards, settings });
  const notifier = createWebhookNotifier({ webhooks: settings.notifications, clock, random });
  return { reporter, spans, policy, fingerprints, tracing, steps, audit, notifier };
}
