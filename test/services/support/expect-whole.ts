import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@plumbline/contracts";
import { expect, vi } from "vitest";
import type { BusProbe } from "./bus-probe.ts";
import type { DistributedStack } from "./distributed-stack.ts";
import { auditLoad, nothingWrong } from "./load-audit.ts";
import { RunLoad, type Sent } from "./run-load.ts";

const settleWithinMs = 60_000;

export interface LoadedStack {
  stack: DistributedStack;
  probe: BusProbe;
  /** Of the run ids of this load. */
  prefix: string;
}

/** Nothing that was acknowledged is lost, nothing is counted twice, and no generation of a directive says two things. */
async function expectWhole({ stack, probe, prefix }: LoadedStack, sent: Sent): Promise<void> {
  const audit = async (): Promise<void> => {
    expect(sent.acknowledged.length).toBeGreaterThan(50);
    expect(await auditLoad(stack, prefix, sent)).toEqual(nothingWrong);
  };
  try {
    await vi.waitFor(audit, { timeout: settleWithinMs, interval: 1_000 });
    await sleep(2_000);
    await audit();
    expect(await probe.contradictoryDirectives()).toEqual([]);
  } catch (error) {
    console.error(`${prefix}: ${messageOf(error)}\n${stack.logs()}`);
    throw error;
  }
  console.info(
    `${prefix}: ${String(sent.runs.length)} runs, ${String(sent.acknowledged.length)} records acknowledged, ${String(sent.refused.length)} refused`,
  );
}

/** Sends runs while something happens; nothing of them may be lost or doubled. */
export async function underLoad(
  loaded: LoadedStack,
  happening: (sent: Sent) => Promise<void>,
): Promise<Sent> {
  const load = new RunLoad({ url: () => loaded.stack.collector.url, prefix: loaded.prefix });
  try {
    await sleep(2_000);
    await happening(load.sent);
    await sleep(1_000);
  } finally {
    await load.stop();
  }
  await expectWhole(loaded, load.sent);
  return load.sent;
}
