import { RejectedError, isPlumblineError, messageOf } from "@plumbline/contracts";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import type { ByteLease } from "../byte-budget.ts";
import { decompressorFor } from "./decompress.ts";

export interface BodyLimits {
  maxCompressedBytes: number;
  maxBodyBytes: number;
}

function tooLarge(maxBytes: number, state: string): RejectedError {
  return new RejectedError(`The ${state} body has more than ${String(maxBytes)} bytes.`, {
    code: "BODY_TOO_LARGE",
    mend: "Send smaller batches.",
  });
}

/** Collects chunks up to a limit; holds nothing beyond it. */
class BoundedBuffer {
  readonly #chunks: Uint8Array[] = [];
  readonly #maxBytes: number;
  readonly #lease: ByteLease;
  #bytes = 0;

  constructor(maxBytes: number, lease: ByteLease) {
    this.#maxBytes = maxBytes;
    this.#lease = lease;
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes, "uncompressed");
    this.#lease.take(chunk.length);
    this.#chunks.push(chunk);
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#chunks, this.#bytes);
  }
}

/** Resolves at the end of the stream, rejects at its first error or as soon as the buffer is full. */
function collect(source: Transform, buffer: BoundedBuffer): Promise<void> {
  return new Promise((resolve, reject) => {
    source.on("data", (chunk: Buffer) => {
      try {
        buffer.add(chunk);
      } catch (error) {
        source.destroy(error as Error);
      }
    });
    source.on("end", resolve);
    source.on("error", (error) => {
      if (isPlumblineError(error)) {
        reject(error);
        return;
      }
      const details = { code: "UNDECODABLE", mend: "Send the whole compressed body.", cause: error };
      reject(new RejectedError(`The body can't be decompressed: ${messageOf(error)}.`, details));
    });
  });
}

/** Chunks of the body as they came; the connection stays usable for an answer when the reader stops early. */
async function* wireChunks(incoming: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes, "compressed");
    yield chunk;
  }
}

async function inflate(
  chunks: AsyncIterable<Buffer>,
  decompressor: Transform,
  buffer: BoundedBuffer,
): Promise<void> {
  const collected = collect(decompressor, buffer);
  collected.catch(() => undefined);
  try {
    for await (const chunk of chunks) {
      if (decompressor.destroyed) break;
      if (!decompressor.write(chunk)) await Promise.race([once(decompressor, "drain"), collected]);
    }
    decompressor.end();
    await collected;
  } finally {
    decompressor.destroy();
  }
}

async function readChunks(
  incoming: IncomingMessage,
  decompressor: Transform | null,
  options: BodyLimits & { buffer: BoundedBuffer },
): Promise<void> {
  const { maxCompressedBytes, maxBodyBytes, buffer } = options;
  const wireLimit = decompressor === null ? maxBodyBytes : maxCompressedBytes;
  if (Number(incoming.headers["content-length"] ?? 0) > wireLimit) {
    decompressor?.destroy();
    throw tooLarge(wireLimit, decompressor === null ? "uncompressed" : "compressed");
  }
  const chunks = wireChunks(incoming, wireLimit);
  if (decompressor !== null) await inflate(chunks, decompressor, buffer);
  else for await (const chunk of chunks) buffer.add(chunk);
}

/**
 * Reads a request's body, decompressing while it streams: never more than the limit is held, whatever it would inflate to.
 * @throws RejectedError `BODY_TOO_LARGE`, `UNDECODABLE`, `UNSUPPORTED_ENCODING`, `CLIENT_GONE`; RetryableError `BUSY`
 */
export async function readBody(
  incoming: IncomingMessage,
  limits: BodyLimits,
  lease: ByteLease,
): Promise<Buffer> {
  const buffer = new BoundedBuffer(limits.maxBodyBytes, lease);
  try {
    const decompressor = decompressorFor(incoming.headers["content-encoding"]);
    await readChunks(incoming, decompressor, { ...limits, buffer });
    return buffer.toBytes();
  } catch (error) {
    if (isPlumblineError(error)) throw error;
    throw new RejectedError("The client went away before the body was complete.", {
      code: "CLIENT_GONE",
      cause: error,
    });
  } finally {
    incoming.resume();
  }
}
