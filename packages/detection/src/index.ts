export { createMonitor } from "./create-monitor.ts";
export type { RunState } from "./create-monitor.ts";
export { createPolicy, policySchema, profiles, ruleFor } from "./decide/policy.ts";
export type { DetectorPolicy, DetectorRule, Policy, PolicyInput, Profile } from "./decide/policy.ts";
export type { Monitor, MonitorIdentity, MonitorInput, MonitorOutput, MonitorProgress } from "./monitor.ts";
export { classifyOutcome } from "./outcome/classify-outcome.ts";
export type { OutcomeFacts } from "./outcome/classify-outcome.ts";
