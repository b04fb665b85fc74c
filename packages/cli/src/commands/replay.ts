import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { parse as parseYaml } from "yaml";
import { asIfGated } from "@plumbline/analyzer";
import { messageOf, SetupError } from "@plumbline/contracts";
import { createMonitor, createPolicy, type Policy, policySchema, profiles } from "@plumbline/detection";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { formatReplay } from "../replay/format-replay.ts";
import { replayRun } from "../replay/replay-run.ts";

async function policyOf(
  file: string | undefined,
  profile: string,
): Promise<{ policy: Policy; name: string }> {
  if (file === undefined) {
    const known = profiles.find((one) => one === profile) ?? "guard";
    return { policy: createPolicy({ profile: known }), name: known };
  }
  try {
    const given = (parseYaml(await readFile(file, "utf8")) ?? {}) as object;
    return { policy: createPolicy({ profile: "enforce", ...given }), name: file };
  } catch (cause) {
    throw new SetupError(`${file} is no policy: ${messageOf(cause)}`, {
      code: "POLICY_UNREADABLE",
      mend: `A policy has the keys ${Object.keys(policySchema.shape).join(", ")}; see docs/detection.md.`,
      cause,
    });
  }
}

/** A stored run through the monitor again, read-only. */
export function addReplayCommand(program: Command, context: CommandContext): void {
  program
    .command("replay")
    .description(
      "run the stored steps of a run through the monitor again: what it would have done, step by step",
    )
    .argument("<run>", "run id, or the beginning of one")
    .option(
      "--policy <file>",
      "policy to decide by (YAML or JSON); the profile that the run had when left out",
    )
    .option("--json", "print JSON")
    .action(async (runId: string, options: JsonOption & { policy?: string }) => {
      const detail = await context.client().run(runId);
      const { policy, name } = await policyOf(options.policy, detail.run.profile);
      const replayed = replayRun(detail, asIfGated(createMonitor(policy)), name);
      printResult(context, replayed, { json: options.json, format: formatReplay });
    });
}
