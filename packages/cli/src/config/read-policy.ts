import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, SetupError } from "@plumbline/contracts";
import { createPolicy, type Policy } from "@plumbline/detection";
import { parse } from "yaml";
import type { Settings } from "./settings.ts";

async function contentOf(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, "utf8")) ?? {};
  } catch (cause) {
    throw new SetupError(`The policy ${file} can't be read: ${messageOf(cause)}`, {
      code: "POLICY_UNREADABLE",
      mend: "Give `policy` in plumbline.yaml the path of an existing YAML file.",
      cause,
    });
  }
}

/**
 * The policy of a process: its file over its profile.
 * @throws SetupError naming the file and the field that does not fit
 */
export async function readPolicy({ policy, profile }: Pick<Settings, "policy" | "profile">): Promise<Policy> {
  if (policy === null) return createPolicy({ profile });
  const file = resolve(policy);
  const content = await contentOf(file);
  try {
    if (typeof content !== "object" || content === null || Array.isArray(content))
      throw new Error("It is not a list of settings.");
    return createPolicy({ profile, ...content });
  } catch (cause) {
    throw new SetupError(`The policy ${file} does not fit: ${messageOf(cause)}`, {
      code: "POLICY_INVALID",
      mend: "See docs/detection.md.",
      cause,
    });
  }
}
