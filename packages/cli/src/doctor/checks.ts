import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  trustedKeysFileName,
  trustedKeysSchema,
  type Clock,
  type IdSource,
  type TrustedKeys,
} from "@plumbline/contracts";
import { policyProblems } from "@plumbline/detection";
import type { OperatorClient } from "../api/operator-client.ts";
import { readPolicy } from "../config/read-policy.ts";
import type { Settings } from "../config/settings.ts";
import type { Check } from "./check.ts";
import { endProbeRun, receiveDirective, startProbeRun, type ProbeTarget } from "./probe.ts";

export interface DoctorContext {
  client: OperatorClient;
  target: ProbeTarget;
  clock: Clock;
  ids: IdSource;
  loadSettings: () => Promise<Settings>;
}

const lookEveryMs = 100;
const longestWaitMs = 5_000;

/** What earlier checks found out for later ones. */
interface Found {
  keys: TrustedKeys | undefined;
  runId: string;
}

async function until(clock: Clock, holds: () => Promise<boolean>): Promise<number> {
  const startMs = clock.nowMs();
  while (!(await holds())) {
    if (clock.nowMs() - startMs > longestWaitMs)
      throw new Error(`Not within ${String(longestWaitMs / 1_000)} s.`);
    await clock.sleep(lookEveryMs);
  }
  return clock.nowMs() - startMs;
}

async function readKeys(settings: Settings): Promise<TrustedKeys> {
  const path = join(settings.dataDirectory, trustedKeysFileName);
  return trustedKeysSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

function setupChecks({ client, loadSettings }: DoctorContext, found: Found): Check[] {
  return [
    {
      name: "configuration",
      run: async () => {
        const { profile, bus, store } = await loadSettings();
        return `fits; profile ${profile}, bus ${bus.replace(/:.*/, "")}, store ${store.replace(/:.*/, "")}`;
      },
    },
    {
      name: "policy",
      run: async () => {
        const settings = await loadSettings();
        const policy = await readPolicy(settings);
        const problems = policyProblems(policy);
        if (problems.length > 0) throw new Error(problems.join(" "));
        return `${settings.policy ?? "none"}; profile ${policy.profile}, every limit that is set can bite`;
      },
    },
    {
      name: "operator API",
      run: async () => {
        const { version, parts } = await client.status();
        const ill = parts.filter((part) => !part.healthy);
        if (ill.length > 0) throw new Error(ill.map((part) => `${part.name}: ${part.detail}`).join("; "));
        return `version ${version}; ${parts.map((part) => part.name).join(", ")} healthy`;
      },
    },
    {
      name: "control keys",
      run: async () => {
        found.keys = await readKeys(await loadSettings());
        return found.keys.keys.map(({ keyId }) => keyId).join(", ");
      },
    },
  ];
}

function liveChecks({ client, target, clock }: DoctorContext, found: Found): Check[] {
  return [
    {
      name: "telemetry in",
      run: async () => {
        await startProbeRun(target, clock, found.runId);
        return `${target.otlpUrl} took it in`;
      },
    },
    {
      name: "run seen",
      run: async () => {
        const seen = () =>
          client.run(found.runId).then(
            () => true,
            () => false,
          );
        return `${found.runId} after ${String(await until(clock, seen))} ms`;
      },
    },
    {
      name: "directive out",
      run: async () => {
        if (found.keys === undefined) throw new Error("There are no keys to check it with.");
        const awaited = receiveDirective(target, found.keys, found.runId);
        const sentAtMs = clock.nowMs();
        await client.command(found.runId, { verb: "kill", message: "The doctor's own run." });
        const directive = await awaited;
        if (directive.desired !== "killed") throw new Error(`The directive says ${directive.desired}.`);
        const tookMs = clock.nowMs() - sentAtMs;
        await endProbeRun(target, clock, found.runId);
        return `signed, ${String(tookMs)} ms after the command`;
      },
    },
    {
      name: "tables",
      run: async () => {
        const { rows } = await client.sql("SELECT count() AS runs FROM runs");
        return `readable; ${JSON.stringify(rows[0]?.["runs"] ?? 0)} rows of runs`;
      },
    },
  ];
}

/** Every connection proven by use: a run of the doctor's own goes up, is seen, is killed, and the signed directive comes down. */
export function createChecks(context: DoctorContext): Check[] {
  const found: Found = { keys: undefined, runId: `doctor-${context.ids.next()}` };
  return [...setupChecks(context, found), ...liveChecks(context, found)];
}
