import { RejectedError, RetryableError, SetupError, messageOf } from "@plumbline/contracts";

/** Type of a Kafka protocol error, looked for in the causes too; empty for other errors. */
export function protocolType(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("type" in error && typeof error.type === "string") return error.type;
  return protocolType(error.cause);
}

const membershipTypes = new Set([
  "REBALANCE_IN_PROGRESS",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "FENCED_INSTANCE_ID",
  "NOT_COORDINATOR_FOR_GROUP",
]);

/** The group is being, or has been, shared out anew. */
export const isMembershipError = (error: unknown): boolean => membershipTypes.has(protocolType(error));

export const isTooLarge = (error: unknown): boolean =>
  ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"].includes(protocolType(error));

export const isAlreadyThere = (error: unknown): boolean => protocolType(error) === "TOPIC_ALREADY_EXISTS";

export function tooLarge(topic: string, cause: unknown): RejectedError {
  return new RejectedError(`Topic ${topic} does not take a record of this size.`, {
    code: "RECORD_TOO_LARGE",
    mend: "Raise the topic's max.message.bytes to 8388608.",
    cause,
  });
}

export function publishFailed(cause: unknown): RetryableError {
  return new RetryableError(`Kafka did not take the records: ${messageOf(cause)}.`, {
    code: "BUS_WRITE_FAILED",
    retryAfterMs: 1000,
    cause,
  });
}

export function queueFull(bytes: number): RetryableError {
  return new RetryableError(`${String(bytes)} bytes already wait for the Kafka brokers.`, {
    code: "BACKLOG_FULL",
    retryAfterMs: 1000,
    mend: "Check that the brokers answer and keep up.",
  });
}

export function commitFailed(group: string, cause: unknown): RetryableError {
  return new RetryableError(`Kafka did not take a commit of group ${group}: ${messageOf(cause)}.`, {
    code: "COMMIT_FAILED",
    cause,
  });
}

export function requestFailed(what: string, cause: unknown): RetryableError {
  return new RetryableError(`Kafka did not ${what}: ${messageOf(cause)}.`, {
    code: "BUS_UNREACHABLE",
    retryAfterMs: 1000,
    cause,
  });
}

/** What a failed first connection means to whoever set the bus up. */
export function connectionFailed(brokers: readonly string[], cause: unknown): SetupError {
  const listed = brokers.join(", ");
  const name = cause instanceof Error ? cause.name : "";
  if (name.includes("SASL")) {
    return new SetupError(`Kafka at ${listed} refused the credentials: ${messageOf(cause)}.`, {
      code: "KAFKA_AUTHENTICATION",
      mend: "Check the SASL mechanism, user name and password.",
      cause,
    });
  }
  return new SetupError(`Kafka at ${listed} can't be reached: ${messageOf(cause)}.`, {
    code: "KAFKA_UNREACHABLE",
    mend: "Check the broker addresses, that they are reachable from here, and the TLS settings.",
    cause,
  });
}
