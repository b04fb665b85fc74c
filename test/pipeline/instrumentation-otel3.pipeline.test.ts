import { type Context, context, type ContextManager, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { AsyncLocalStorage } from "node:async_hooks";
import { describeOwnSdk } from "./instrumentation-otel-suite.ts";

const storage = new AsyncLocalStorage<Context>();

const contextManager: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  // oxlint-disable-next-line max-params -- the interface is OpenTelemetry's
  with: (active, fn, thisArg, ...args) => storage.run(active, () => fn.apply(thisArg, args)),
  bind: (_, target) => target,
  enable: () => contextManager,
  disable: () => contextManager,
};

describeOwnSdk("3.x", (processor) => {
  context.setGlobalContextManager(contextManager);
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
  return Promise.resolve();
});
