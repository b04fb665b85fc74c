declare module "kafkajs/src/network/requestQueue/index.js" {
  interface RequestQueueOptions {
    maxInFlightRequests: number | null;
    requestTimeout: number;
    enforceRequestTimeout: boolean;
    clientId: string;
    broker: string;
    logger: { debug: (message: string) => void };
  }

  interface PushedRequest {
    entry: { correlationId: number };
    expectResponse: boolean;
    sendRequest: () => void;
  }

  export default class RequestQueue {
    constructor(options: RequestQueueOptions);
    readonly pending: readonly unknown[];
    push(request: PushedRequest): void;
    maybeThrottle(durationMs: number): void;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}
