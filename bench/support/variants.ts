import { type BenchProcess, startProcess } from "./start-process.ts";

/** One process per variant of what is compared. */
export type Variants<Name extends string, Answer> = Readonly<Record<Name, BenchProcess<Answer>>>;

/** Starts the file once per variant, each told its name as `BENCH_VARIANT`; resolves when all are ready. */
export async function startVariants<Name extends string, Answer>(
  entry: URL,
  names: readonly Name[],
  environment: Readonly<Record<string, string>>,
): Promise<Variants<Name, Answer>> {
  const started = await Promise.all(
    names.map(async (name) => {
      const subject = startProcess<Answer>(entry, { ...environment, BENCH_VARIANT: name });
      await subject.next();
      return [name, subject];
    }),
  );
  return Object.fromEntries(started) as Variants<Name, Answer>;
}

interface Rounds<Order> {
  warmUp: Order;
  order: Order;
  repetitions: number;
}

/** Gives the order to one variant after the other, `repetitions` times over, after a warm-up that does not count. */
export async function roundsOf<Name extends string, Answer, Order extends object>(
  variants: Variants<Name, Answer>,
  { warmUp, order, repetitions }: Rounds<Order>,
): Promise<Record<Name, Answer>[]> {
  const entries = Object.entries<BenchProcess<Answer>>(variants);
  const once = async (given: Order): Promise<Record<Name, Answer>> => {
    const round: [string, Answer][] = [];
    for (const [name, { child, next }] of entries) {
      child.send(given);
      round.push([name, await next()]);
    }
    return Object.fromEntries(round) as Record<Name, Answer>;
  };
  await once(warmUp);
  const rounds: Record<Name, Answer>[] = [];
  while (rounds.length < repetitions) rounds.push(await once(order));
  return rounds;
}
