import type { Effect } from "./counting-service.ts";

/**
 * What is wrong with what an agent did over all its lives: a payment that was not made exactly once, a mail that was sent
 * twice, or one whose sending the agent's own answer tells otherwise. Empty when all is right.
 */
export function problemsOf(
  effects: readonly Effect[],
  { orders, answers }: { orders: number; answers: readonly string[] },
): string[] {
  const problems: string[] = [];
  const count = (path: string, order: number): number =>
    effects.filter((effect) => effect.path === path && effect.order === order).length;
  for (let order = 0; order < orders; order += 1) {
    const [paid, mailed] = [count("/pay", order), count("/mail", order)];
    const isInDoubt = answers[2 * order + 1]?.includes("OUTCOME_UNKNOWN") ?? false;
    if (paid !== 1) problems.push(`order ${String(order)} was paid ${String(paid)} times`);
    if (mailed > 1) problems.push(`order ${String(order)} was mailed ${String(mailed)} times`);
    if (mailed === 0 && !isInDoubt)
      problems.push(`order ${String(order)} was not mailed, and nobody said so`);
  }
  return problems;
}
