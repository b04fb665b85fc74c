import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyStore } from "@plumbline/analyzer";
import { trustedKeysFileName, trustedKeysSchema } from "@plumbline/contracts";
import { afterEach, describe, expect, it } from "vitest";

const directories: string[] = [];

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-keys-"));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

describe("the control keys of a data directory", () => {
  it("are one key, however many analyzers make them at once", async () => {
    const directory = await newDirectory();
    const signers = await Promise.all(Array.from({ length: 8 }, () => openKeyStore(directory)));
    const ids = new Set(signers.flatMap((signer) => signer.trustedKeys().keys.map(({ keyId }) => keyId)));
    expect(ids.size).toBe(1);
    const published = trustedKeysSchema.parse(
      JSON.parse(await readFile(join(directory, trustedKeysFileName), "utf8")),
    );
    expect(published.keys.map(({ keyId }) => keyId)).toEqual([...ids]);
    expect((await readdir(directory)).toSorted()).toEqual(["control-private-key.pem", trustedKeysFileName]);
  });

  it("stay the same over a restart", async () => {
    const directory = await newDirectory();
    const first = await openKeyStore(directory);
    expect((await openKeyStore(directory)).trustedKeys()).toEqual(first.trustedKeys());
  });

  it("are refused by name when the file holds no key", async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, "control-private-key.pem"), "not a key");
    await expect(openKeyStore(directory)).rejects.toThrow("control-private-key.pem");
  });
});
