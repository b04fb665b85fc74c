import { NodeTracerProvider } from "otel2-sdk-trace-node";
import { describeOwnSdk } from "./instrumentation-otel-suite.ts";

describeOwnSdk("2.x", (processor) => {
  new NodeTracerProvider({ spanProcessors: [processor] }).register();
  return Promise.resolve();
});
