import { isWire } from "./wire.ts";

type Method = (...args: never[]) => unknown;

/** The promise of the client, as far as all supported majors agree on it. */
export interface ApiPromise {
  _thenUnwrap(transform: (data: unknown) => unknown): ApiPromise;
}

/** A stream of the client: the iterator it hands out can be replaced. */
export interface ApiStream {
  iterator: () => AsyncIterator<unknown>;
  controller: AbortController;
}

/** What is wrapped: a client, or the prototype of all clients. Nothing of it is imported. */
export interface ClientShape {
  baseURL?: unknown;
  chat?: { completions?: unknown };
  responses?: unknown;
  post: (path: string, options?: unknown) => ApiPromise;
  makeRequest: (options: unknown, retriesRemaining: unknown, retryOf: unknown) => Promise<unknown>;
  /** Since openai 7. */
  parseResponseWithTimeout?: (client: unknown, props: unknown) => Promise<unknown>;
  withOptions?: (options: unknown) => unknown;
}

const isMethod = (value: unknown): value is Method => typeof value === "function";

/** True for clients of openai 5, 6 and 7 and for what is derived from them. */
export function isClientShape(value: unknown): value is ClientShape {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<ClientShape>;
  return isMethod(candidate.post) && isMethod(candidate.makeRequest);
}

export function isApiStream(value: unknown): value is ApiStream {
  return isWire(value) && isMethod(value["iterator"]) && value["controller"] instanceof AbortController;
}

export function isApiPromise(value: unknown): value is ApiPromise {
  return typeof value === "object" && value !== null && isMethod((value as Partial<ApiPromise>)._thenUnwrap);
}
