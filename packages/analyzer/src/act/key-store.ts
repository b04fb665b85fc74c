import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SetupError, systemIds, trustedKeysFileName } from "@plumbline/contracts";
import { type DirectiveSigner, createDirectiveSigner } from "./signer.ts";

const privateKeyFileName = "control-private-key.pem";

async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${systemIds.next()}`;
  await writeFile(temporary, text, { mode, flush: true });
  await rename(temporary, path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Of several analyzers that start at once, one makes the key and the others take it. */
async function makePrivateKey(path: string): Promise<void> {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const temporary = `${path}.${systemIds.next()}`;
  await writeFile(temporary, pem, { mode: 0o600, flush: true });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(temporary);
  }
}

async function readOrCreatePrivateKey(path: string): Promise<string> {
  const known = await readIfThere(path);
  if (known !== undefined) return known;
  await makePrivateKey(path);
  return readFile(path, "utf8");
}

/**
 * The signer of a data directory, made at first use. Beside the private key lies the public one, where agents on the
 * same machine find it.
 * @throws SetupError when the key file can't be read or is no Ed25519 private key
 */
export async function openKeyStore(directory: string): Promise<DirectiveSigner> {
  const path = join(directory, privateKeyFileName);
  try {
    await mkdir(directory, { recursive: true });
    const signer = createDirectiveSigner(createPrivateKey(await readOrCreatePrivateKey(path)));
    await writeAtomically(
      join(directory, trustedKeysFileName),
      `${JSON.stringify(signer.trustedKeys(), null, 2)}\n`,
      0o644,
    );
    return signer;
  } catch (cause) {
    throw new SetupError(`The control key ${path} can't be used.`, {
      code: "CONTROL_KEY",
      mend: "Give the process read and write access to the directory, or put an Ed25519 private key (PKCS 8, PEM) there.",
      cause,
    });
  }
}
