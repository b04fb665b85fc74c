import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SetupError, type TrustedKeys, trustedKeysFileName, trustedKeysSchema } from "@plumbline/contracts";

/**
 * Public keys out of a file that an analyzer wrote.
 * @throws SetupError when the file can't be read or holds none
 */
export async function readKeyFile(path: string): Promise<TrustedKeys["keys"]> {
  try {
    return trustedKeysSchema.parse(JSON.parse(await readFile(path, "utf8"))).keys;
  } catch (cause) {
    throw new SetupError(`${path} holds no public keys.`, {
      code: "KEYS_UNREADABLE",
      mend: `Name the file ${trustedKeysFileName} of an analyzer's data directory, or a copy.`,
      cause,
    });
  }
}

/** Public keys of the analyzer that keeps its keys in the directory; none where it is another one's. */
export async function readTrustedKeys(dataDirectory: string): Promise<TrustedKeys["keys"]> {
  return readKeyFile(join(dataDirectory, trustedKeysFileName)).catch(() => []);
}
