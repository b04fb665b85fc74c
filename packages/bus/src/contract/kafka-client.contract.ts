import kafkajs, { type Kafka } from "kafkajs";

interface Codec {
  decompress(buffer: Buffer): Promise<Buffer>;
}

const connectTo = (brokers: readonly string[]): Kafka =>
  new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });

/** An LZ4 frame whose blocks are stored, not compressed: valid for every reader, and made without a compressor. */
function lz4StoredFrame(bytes: Buffer): Buffer {
  const blockBytes = 65_536;
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])];
  for (let start = 0; start < bytes.byteLength; start += blockBytes) {
    const block = bytes.subarray(start, start + blockBytes);
    const size = Buffer.alloc(4);
    size.writeUInt32LE((block.byteLength | 0x80000000) >>> 0);
    parts.push(size, block);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

/** Publishes one lz4 batch, as a foreign producer would. Reading lz4 stays as the bus has set it up in this process. */
export async function publishLz4(
  brokers: readonly string[],
  topic: string,
  values: readonly string[],
): Promise<void> {
  const { CompressionCodecs, CompressionTypes, Partitioners } = kafkajs;
  const installed = CompressionCodecs[CompressionTypes.LZ4]() as Codec;
  const storing = {
    compress: async ({ buffer }: { buffer: Buffer }) => Promise.resolve(lz4StoredFrame(buffer)),
    decompress: (buffer: Buffer) => installed.decompress(buffer),
  };
  CompressionCodecs[CompressionTypes.LZ4] = () => storing;
  const producer = connectTo(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = values.map((value) => ({ key: "k", value }));
  await producer.send({ topic, messages, compression: CompressionTypes.LZ4 });
  await producer.disconnect();
}

/** Names of all groups that the brokers know. */
export async function groupNames(brokers: readonly string[]): Promise<string[]> {
  const admin = connectTo(brokers).admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  return groups.map((group) => group.groupId);
}

/** How many records of its topics a group has not committed yet. */
export async function groupLag(
  brokers: readonly string[],
  group: string,
  topics: readonly string[],
): Promise<number> {
  const admin = connectTo(brokers).admin();
  await admin.connect();
  try {
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    const lags = committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const reached = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      return ends.reduce(
        (sum, { partition, low, high }) =>
          sum + Number(high) - Math.max(Number(low), reached.get(partition) ?? 0),
        0,
      );
    });
    return (await Promise.all(lags)).reduce((sum, lag) => sum + lag, 0);
  } finally {
    await admin.disconnect();
  }
}
