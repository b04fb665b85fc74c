/** An LZ4 frame whose blocks are stored, not compressed: valid for every reader, and made without a compressor. */
export function lz4StoredFrame(bytes: Buffer): Buffer {
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
