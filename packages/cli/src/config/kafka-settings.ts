import { z } from "zod";

const broker = String.raw`(?:\[[0-9a-fA-F:.]+\]|[^\s,/:@\[\]]+):\d+`;
const kafkaAddress = new RegExp(`^kafkas?://${broker}(?:,${broker})*$`);
const tlsPrefix = "kafkas://";

/** `sqlite` (one process, no server), or the brokers of a Kafka cluster. */
export const busAddressSchema = z
  .string()
  .refine((address) => address === "sqlite" || kafkaAddress.test(address), {
    error: "Either sqlite, kafka://host:port,host:port, or kafkas://host:port,host:port for TLS",
  });

const path = z.string().min(1).nullable().default(null);

/** How the brokers are reached; what is secret may stand in a file of its own. */
export const kafkaSettingsSchema = z
  .strictObject({
    /** For an address that begins with `kafkas://`. */
    tls: z
      .strictObject({
        /** PEM of who vouches for the brokers' certificates. Null: who the operating system trusts. */
        caFile: path,
        /** PEM of the certificate and its key that prove who we are, where brokers want that. */
        certificateFile: path,
        keyFile: path,
      })
      .prefault({}),
    /** Null: brokers ask for no name. */
    sasl: z
      .strictObject({
        mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"], {
          error: "Either plain, scram-sha-256 or scram-sha-512",
        }),
        username: z.string({ error: "The name to log in with" }).min(1),
        password: z.string().min(1).nullable().default(null),
        passwordFile: path,
      })
      .nullable()
      .default(null),
    /** After so long without a sign of life an analyzer's partitions go to others; brokers allow 6 s and more by default. */
    sessionTimeoutMs: z.number().int().min(1_000).max(300_000).default(6_000),
  })
  .prefault({});
type KafkaSettings = z.infer<typeof kafkaSettingsSchema>;

/** Brokers as the client wants them, and whether they are reached over TLS. */
export interface KafkaAddress {
  brokers: readonly string[];
  isTls: boolean;
}

/** Undefined when the bus is not Kafka. */
export function kafkaAddressOf(bus: string): KafkaAddress | undefined {
  if (bus === "sqlite") return undefined;
  const [, list = ""] = bus.split("://");
  return { brokers: list.split(","), isTls: bus.startsWith(tlsPrefix) };
}

interface Problem {
  path: string[];
  message: string;
}

function tlsProblems({ tls }: KafkaSettings, address: KafkaAddress): Problem[] {
  const { caFile, certificateFile, keyFile } = tls;
  const problems: Problem[] = [];
  if (!address.isTls && [caFile, certificateFile, keyFile].some((file) => file !== null))
    problems.push({
      path: ["kafka", "tls"],
      message: `Nothing reads it without TLS: write bus as ${tlsPrefix}…`,
    });
  if ((certificateFile === null) !== (keyFile === null))
    problems.push({ path: ["kafka", "tls"], message: "certificateFile and keyFile go together" });
  return problems;
}

function saslProblems({ sasl }: KafkaSettings): Problem[] {
  if (sasl === null || (sasl.password === null) !== (sasl.passwordFile === null)) return [];
  const message = "Give either password or passwordFile";
  return [{ path: ["kafka", "sasl"], message }];
}

/** What does not fit together; a setting that nothing would read is a problem too. */
export function kafkaProblems({ bus, kafka }: { bus: string; kafka: KafkaSettings }): Problem[] {
  const address = kafkaAddressOf(bus);
  if (address !== undefined) return [...tlsProblems(kafka, address), ...saslProblems(kafka)];
  const isSet = kafka.sasl !== null || Object.values(kafka.tls).some((file) => file !== null);
  return isSet ? [{ path: ["kafka"], message: "Nothing reads it while bus is sqlite" }] : [];
}
