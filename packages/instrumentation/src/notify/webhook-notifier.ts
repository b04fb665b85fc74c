import {
  type Clock,
  messageOf,
  type Notification,
  notificationIdOf,
  type Random,
  type Webhook,
  webhookBody,
  webhookHeader,
  webhookSignature,
} from "@plumbline/contracts";
import { backoffMs } from "../transport/backoff.ts";
import { debugLog } from "../transport/debug-log.ts";
import { readText, requestHttp, retryAfterMs } from "../transport/http-request.ts";
import { noNotifier, type Notifier } from "./notifier.ts";

export interface WebhookNotifierOptions {
  webhooks: readonly Webhook[];
  clock: Clock;
  random: Random;
  /** A notification that can't be delivered in all its attempts, or finds the queue full. */
  onLost?: (notification: Notification, why: string) => void;
}

const maxWaiting = 1000;
const attempts = 10;
const backoff = { firstMs: 500, longestMs: 60_000 };
const timeoutMs = 10_000;
/** What may be different next time; anything else is the receiver's last word. */
const isRetryable = (status: number): boolean => status === 408 || status === 429 || status >= 500;

type Attempt = { type: "delivered" } | { type: "refused" | "failed"; why: string; retryAfterMs?: number };

class WebhookNotifier implements Notifier {
  private readonly options: WebhookNotifierOptions;
  private readonly told = new Set<string>();
  private readonly waiting = new Set<Promise<void>>();

  constructor(options: WebhookNotifierOptions) {
    this.options = options;
  }

  notify(notification: Notification): void {
    const id = notificationIdOf(notification);
    if (this.told.has(id)) return;
    this.remember(id);
    for (const webhook of this.options.webhooks) {
      if (!webhook.kinds.includes(notification.kind)) continue;
      if (this.waiting.size >= maxWaiting) this.lose(notification, "too many notifications wait");
      else this.begin(webhook, notification);
    }
  }

  async flush(waitMs: number): Promise<void> {
    const late = new AbortController();
    const time = this.options.clock.sleep(waitMs, late.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.waiting), time]);
    late.abort(new Error("All is sent."));
  }

  private remember(id: string): void {
    this.told.add(id);
    const oldest = this.told.values().next();
    if (this.told.size > maxWaiting && oldest.done !== true) this.told.delete(oldest.value);
  }

  private begin(webhook: Webhook, notification: Notification): void {
    const sending = this.deliver(webhook, notification).finally(() => this.waiting.delete(sending));
    this.waiting.add(sending);
  }

  private async deliver(webhook: Webhook, notification: Notification): Promise<void> {
    const { clock, random } = this.options;
    for (let failures = 0; ;) {
      const result = await this.attempt(webhook, notification);
      if (result.type === "delivered") return;
      failures += 1;
      if (result.type === "refused" || failures >= attempts) return this.lose(notification, result.why);
      await clock.sleep(result.retryAfterMs ?? backoffMs(failures, backoff, random));
    }
  }

  private async attempt({ url, secret }: Webhook, notification: Notification): Promise<Attempt> {
    const nowMs = this.options.clock.nowMs();
    const body = webhookBody(notification);
    const headers: Record<string, string> = {
      "content-type": "application/json",
      [webhookHeader.idempotencyKey]: notificationIdOf(notification),
      [webhookHeader.timestamp]: String(nowMs),
    };
    if (secret !== null) headers[webhookHeader.signature] = webhookSignature(secret, nowMs, body);
    try {
      const response = await requestHttp({ url, method: "POST", headers, body, timeoutMs });
      await readText(response);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return { type: "delivered" };
      const why = `${new URL(url).host} answered ${String(status)}`;
      if (!isRetryable(status)) return { type: "refused", why };
      const wait = retryAfterMs(response.headers["retry-after"], nowMs);
      return { type: "failed", why, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
    } catch (thrown) {
      return { type: "failed", why: messageOf(thrown) };
    }
  }

  private lose(notification: Notification, why: string): void {
    debugLog("a notification (%s) was not delivered: %s", notification.kind, why);
    this.options.onLost?.(notification, why);
  }
}

/** Tells webhooks: signed, retried with backoff, each notification once per process and with one idempotency key. */
export function createWebhookNotifier(options: WebhookNotifierOptions): Notifier {
  return options.webhooks.length === 0 ? noNotifier : new WebhookNotifier(options);
}
