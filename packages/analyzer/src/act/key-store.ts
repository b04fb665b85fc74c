import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SetupError, trustedKeysFileName } from "@plumbline/contracts";
import { type DirectiveSigner, createDirectiveSigner } from "./signer.ts";

const privateKeyFileName = "control-private-key.pem";

interface NewFile {
  path: string;
  text: string;
  mode: number;
}

/** Written whole beside its place first, under a name of its own: several analyzers may start at once. */
async function prepared<Result>(
  { path, text, mode }: NewFile,
  place: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(`${path}.`);
  try {
    const temporary = join(folder, "new");
    await writeFile(temporary, text, { mode, flush: true });
    return await place(temporary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const replace = (file: NewFile): Promise<void> => prepared(file, (temporary) => rename(temporary, file.path));

/** Leaves alone what is there already, and what another process puts there at the same time. */
const create = (file: NewFile): Promise<void> =>
  prepared(file, async (temporary) => {
    await link(temporary, file.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  });

async function readOrCreatePrivateKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await create({ path, text: pem, mode: 0o600 });
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
    await replace({
      path: join(directory, trustedKeysFileName),
      text: `${JSON.stringify(signer.trustedKeys(), null, 2)}\n`,
      mode: 0o644,
    });
    return signer;
  } catch (cause) {
    throw new SetupError(`The control key ${path} can't be used.`, {
      code: "CONTROL_KEY",
      mend: "Give the process read and write access to the directory, or put an Ed25519 private key (PKCS 8, PEM) there.",
      cause,
    });
  }
}
