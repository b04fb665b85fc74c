/** CPU seconds of this process (user and system, all threads) that an action took, beside its result. */
export async function measureCpu<Result>(
  action: () => Result | Promise<Result>,
): Promise<{ result: Result; cpuSeconds: number }> {
  const before = process.cpuUsage();
  const result = await action();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuSeconds: (user + system) / 1_000_000 };
}
