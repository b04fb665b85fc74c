const maxTraces = 6;
const separator = "~";

/** Step ids begin with their trace id; a run has few of those, so they are kept once. */
export function shortStepId(
  traces: readonly string[],
  stepId: string,
): { traces: readonly string[]; id: string } {
  const dot = stepId.indexOf(".");
  const trace = stepId.slice(0, dot);
  if (dot < 8) return { traces, id: stepId };
  const known = traces.indexOf(trace);
  if (known >= 0) return { traces, id: `${String(known)}${separator}${stepId.slice(dot + 1)}` };
  if (traces.length >= maxTraces) return { traces, id: stepId };
  return { traces: [...traces, trace], id: `${String(traces.length)}${separator}${stepId.slice(dot + 1)}` };
}

/** Inverse of {@link shortStepId}. */
export function fullStepId(traces: readonly string[], id: string): string {
  const match = /^(\d)~/.exec(id);
  const trace = match === null ? undefined : traces[Number(match[1])];
  return trace === undefined ? id : `${trace}.${id.slice(2)}`;
}
