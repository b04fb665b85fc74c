import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "@plumbline/contracts";
import type { Kafkajs } from "./kafka-client.ts";
import { unreadableRecords } from "./unreadable-records.ts";

/** As kafkajs wants it; `encoder.buffer` holds the bytes to compress. */
export interface CompressionCodec {
  compress(encoder: { buffer: Buffer }): Buffer | Promise<Buffer>;
  decompress(buffer: Buffer): Buffer | Promise<Buffer>;
}

/** Speed before size: what is published is read again within seconds. */
const gzipLevel = { level: constants.Z_BEST_SPEED };
const zstdLevel = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Both work in the calling thread: a fetch holds some hundred batches one after the other, and while the event loop is busy,
 * the way to another thread and back takes many times what decompressing does.
 */
const gzipCodec: CompressionCodec = {
  compress: ({ buffer }) => gzipSync(buffer, gzipLevel),
  decompress: (buffer) => gunzipSync(buffer),
};

const zstdCodec: CompressionCodec = {
  compress: ({ buffer }) => zstdCompressSync(buffer, zstdLevel),
  decompress: (buffer) => zstdDecompressSync(buffer),
};

function missing(name: string, mend: string): CompressionCodec {
  const refuse = (): Promise<never> => Promise.reject(new Error(`no codec for ${name}: ${mend}`));
  return { compress: refuse, decompress: refuse };
}

async function loadSnappy(): Promise<CompressionCodec> {
  try {
    const { default: createSnappy } = await import("kafkajs-snappy");
    return createSnappy();
  } catch {
    return missing("snappy", "install kafkajs-snappy");
  }
}

/** What can't be decompressed becomes records that say so: the reader puts them aside and goes on instead of failing for ever. */
function tolerant(codec: CompressionCodec): CompressionCodec {
  return {
    compress: (encoder) => codec.compress(encoder),
    decompress: async (buffer) => {
      try {
        return await codec.decompress(buffer);
      } catch (error) {
        return unreadableRecords(buffer, messageOf(error));
      }
    },
  };
}

let givenLz4: CompressionCodec | undefined;

/** Registers the codecs with kafkajs, whose registry is one per process; an lz4 codec that was given once stays. */
export async function registerCodecs(
  { CompressionCodecs, CompressionTypes }: Kafkajs,
  lz4?: CompressionCodec,
): Promise<void> {
  givenLz4 = lz4 ?? givenLz4;
  const snappy = tolerant(await loadSnappy());
  const gzipTolerant = tolerant(gzipCodec);
  const zstd = tolerant(zstdCodec);
  const lz4OrMissing = tolerant(
    givenLz4 ?? missing("lz4", "set another compression in the producer, or pass an lz4 codec"),
  );
  CompressionCodecs[CompressionTypes.GZIP] = () => gzipTolerant;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4OrMissing;
}
