const smallestBytes = 256;

let mended: Promise<void> | undefined;

/**
 * kafkajs takes memory of its own, filled with zeros, for every record, every header and every part of a request; telling
 * the garbage collector of each costs more than what is written into it. From now on what is small shares memory.
 */
export function letEncodersShareMemory(): Promise<void> {
  mended ??= mendEncoder();
  return mended;
}

async function mendEncoder(): Promise<void> {
  const { default: encoder } = await import("kafkajs/src/protocol/encoder.js");
  const { nextPowerOfTwo } = encoder;
  // An encoder begins with nothing and takes what it needs when something is written.
  encoder.nextPowerOfTwo = () => 0;
  encoder.prototype.ensureAvailable = function takeWhatIsNeeded(length): void {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(nextPowerOfTwo(Math.max(needed, smallestBytes)));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}
