import { messageOf } from "@plumbline/contracts";

/** One thing that must hold for Plumbline to work here; resolves with what was seen, rejects with what is wrong. */
export interface Check {
  name: string;
  run: () => Promise<string>;
}

export interface CheckResult {
  name: string;
  passed: boolean;
  detail: string;
}

/** Runs the checks one after the other, for later ones build on what earlier ones proved. */
export async function runChecks(checks: readonly Check[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, run } of checks) {
    try {
      results.push({ name, passed: true, detail: await run() });
    } catch (error) {
      results.push({ name, passed: false, detail: messageOf(error) });
    }
  }
  return results;
}
