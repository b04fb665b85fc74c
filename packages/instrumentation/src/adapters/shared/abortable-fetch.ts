import { signalOfModelCall } from "../../observe/model-call-scope.ts";

const installedKey = Symbol.for("plumbline.abortable-fetch");

function withSignal(
  signal: AbortSignal,
  input: Parameters<typeof fetch>[0],
  init?: RequestInit,
): RequestInit {
  const theirs = init?.signal ?? (input instanceof Request ? input.signal : undefined);
  return { ...init, signal: theirs === undefined ? signal : AbortSignal.any([signal, theirs]) };
}

/**
 * Lets a kill reach the requests of frameworks that hand nobody their abort signal: inside a gated model call the
 * global `fetch` follows the call's signal as well, everywhere else it is what it was. Done once per process.
 */
export function installAbortableFetch(): void {
  const original = globalThis.fetch;
  if (installedKey in original) return;
  const abortable: typeof fetch = (input, init) => {
    const signal = signalOfModelCall();
    return signal === undefined ? original(input, init) : original(input, withSignal(signal, input, init));
  };
  Object.defineProperty(abortable, installedKey, { value: true });
  globalThis.fetch = abortable;
}
