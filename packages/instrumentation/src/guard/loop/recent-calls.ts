/** A call that was made lately. */
export interface RecentCall {
  stepId: string;
  name: string;
  /** Equal for equal calls. */
  key: string;
  failed: boolean;
}

const kept = 64;
/** Calls among which one tool may come twice without being looked at. */
const window = 6;
const sameTool = 3;

/**
 * Owns: whether the latest calls give any cause to look closer. A run whose calls differ costs next to nothing: every loop
 * repeats a call, keeps to one tool, or fails.
 */
export class Recent {
  private readonly calls: RecentCall[] = [];
  private readonly timesByKey = new Map<string, number>();

  /** Adds a call; true when it gives cause. */
  add(call: RecentCall): boolean {
    const { calls } = this;
    const times = this.count(call.key, 1);
    const alike = calls.slice(1 - window).filter(({ name }) => name === call.name).length + 1;
    calls.push(call);
    if (calls.length > kept) this.count(calls.shift()?.key ?? "", -1);
    return times > 1 || call.failed || alike >= sameTool;
  }

  private count(key: string, by: number): number {
    const times = (this.timesByKey.get(key) ?? 0) + by;
    if (times <= 0) this.timesByKey.delete(key);
    else this.timesByKey.set(key, times);
    return times;
  }

  find(stepId: string): RecentCall | undefined {
    return this.calls.find((call) => call.stepId === stepId);
  }
}
