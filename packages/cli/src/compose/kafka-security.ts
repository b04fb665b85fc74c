import { readFile } from "node:fs/promises";
import type { KafkaBusOptions } from "@plumbline/bus";
import { SetupError, messageOf } from "@plumbline/contracts";
import type { KafkaAddress } from "../config/kafka-settings.ts";
import type { Settings } from "../config/settings.ts";

/** What of the client's options is about who talks to whom. */
type KafkaSecurity = Pick<KafkaBusOptions, "tls" | "sasl">;

async function readSetting(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new SetupError(`${setting}: ${file} can't be read: ${messageOf(cause)}.`, {
      code: "SECRET_FILE",
      mend: "Name a file that this process may read.",
      cause,
    });
  }
}

async function tlsOf({ caFile, certificateFile, keyFile }: Settings["kafka"]["tls"]) {
  const [ca, cert, key] = await Promise.all([
    caFile === null ? undefined : readSetting("kafka.tls.caFile", caFile),
    certificateFile === null ? undefined : readSetting("kafka.tls.certificateFile", certificateFile),
    keyFile === null ? undefined : readSetting("kafka.tls.keyFile", keyFile),
  ]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function saslOf(sasl: NonNullable<Settings["kafka"]["sasl"]>) {
  const { mechanism, username, passwordFile } = sasl;
  const read =
    passwordFile === null ? sasl.password : await readSetting("kafka.sasl.passwordFile", passwordFile);
  // Editors and `echo` end a file with a line break that is not part of the secret.
  const password = (read ?? "").replace(/\r?\n$/, "");
  if (password === "")
    throw new SetupError(`kafka.sasl.passwordFile: ${passwordFile ?? ""} is empty.`, { code: "SECRET_FILE" });
  return { mechanism, username, password };
}

/**
 * The client's TLS and SASL options, with what stands in files.
 * @throws SetupError naming the setting and the file that can't be read
 */
export async function kafkaSecurity(
  { isTls }: KafkaAddress,
  { tls, sasl }: Pick<Settings["kafka"], "tls" | "sasl">,
): Promise<KafkaSecurity> {
  return {
    ...(isTls ? { tls: await tlsOf(tls) } : {}),
    ...(sasl === null ? {} : { sasl: await saslOf(sasl) }),
  };
}
