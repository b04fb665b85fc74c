/** A recorded run: one line of a run file. Texts may have been shortened; `sha` then tells equal ones. */
export interface RunRecord {
  source: string;
  run_id: string;
  group: string;
  model: string | null;
  task: string | null;
  outcome: "success" | "failure" | null;
  labels: readonly { kind: string; step: number | null; note: string }[];
  steps: readonly RunRecordStep[];
}

export interface RunRecordStep {
  i: number;
  role: "user" | "llm" | "tool" | "agent";
  agent: string | null;
  name: string | null;
  args: unknown;
  text: string | null;
  error: boolean | null;
  at?: number;
  clip?: { len: number; sha: string };
  args_clip?: { len: number; sha: string };
}
