export { classifyOutcome } from "./outcome/classify-outcome.ts";
export type { OutcomeFacts } from "./outcome/classify-outcome.ts";
export type { Monitor, MonitorIdentity, MonitorInput, MonitorOutput, MonitorProgress } from "./monitor.ts";
