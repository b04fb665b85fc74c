import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyProblems, ruleFor } from "@plumbline/detection";
import { beforeAll, describe, expect, it } from "vitest";
import { readPolicy } from "../../packages/cli/src/config/read-policy.ts";
import { runChecks } from "../../packages/cli/src/doctor/check.ts";
import { createChecks, type DoctorContext } from "../../packages/cli/src/doctor/checks.ts";
import { settingsSchema } from "../../packages/cli/src/config/settings.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "plumbline-policy-"));
});

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

/** What the doctor says of a policy file; its other checks have nothing to talk to. */
async function doctorOn(policy: string): Promise<{ passed: boolean; detail: string } | undefined> {
  const loadSettings = () => Promise.resolve(settingsSchema.parse({ dataDirectory: directory, policy }));
  const context = { loadSettings, ids: { next: () => "1" } } as DoctorContext;
  const check = createChecks(context).filter(({ name }) => name === "policy");
  return (await runChecks(check))[0];
}

describe("a policy file", () => {
  it("decides per detector and agent, its profile before that of the settings", async () => {
    const file = await fileOf(
      "good.yaml",
      "profile: enforce\ndetectors:\n  stall: { enforce: false }\nagents:\n  nightly: { profile: observe }\n",
    );
    const policy = await readPolicy({ policy: file, profile: "guard" });
    expect(ruleFor(policy, "", "semantic-loop").enforce).toBe(true);
    expect(ruleFor(policy, "", "stall").enforce).toBe(false);
    expect(ruleFor(policy, "nightly", "semantic-loop").enforce).toBe(false);
    expect(policyProblems(policy)).toEqual([]);
    expect(await doctorOn(file)).toMatchObject({ passed: true });
  });

  it("leaves the profile of the settings where it names none, and where there is no file", async () => {
    const file = await fileOf("empty.yaml", "");
    expect((await readPolicy({ policy: file, profile: "observe" })).profile).toBe("observe");
    expect((await readPolicy({ policy: null, profile: "enforce" })).profile).toBe("enforce");
  });

  it.each([
    ["unknown detector", "detectors:\n  endless-loop: { enforce: true }\n", /does not fit: .*endless-loop/],
    ["unknown key", "detector: {}\n", /does not fit/],
    ["no YAML", "a: [", /can't be read/],
    ["a list", "- exact-loop\n", /not a list of settings/],
  ])("that holds an %s is refused by name", async (what, text, told) => {
    const file = await fileOf(`${what}.yaml`, text);
    await expect(readPolicy({ policy: file, profile: "guard" })).rejects.toThrow(told);
    await expect(readPolicy({ policy: file, profile: "guard" })).rejects.toThrow(file);
    expect(await doctorOn(file)).toMatchObject({ passed: false });
  });

  it("with a limit that can't bite fails the doctor, by name", async () => {
    const file = await fileOf("toothless.yaml", "detectors:\n  exact-loop: { thresholds: { streaks: 5 } }\n");
    const result = await doctorOn(file);
    expect(result?.passed).toBe(false);
    expect(result?.detail).toContain("detectors.exact-loop.thresholds.streaks");
  });
});
