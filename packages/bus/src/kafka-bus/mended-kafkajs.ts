const smallestBytes = 256;

let mended: Promise<unknown> | undefined;

/**
 * Mends what costs a process that uses kafkajs its time although nothing is wrong; for all of its clients, however often this
 * is called.
 */
export function mendKafkajs(): Promise<unknown> {
  mended ??= Promise.all([letRequestQueuesRest(), letEncodersShareMemory()]);
  return mended;
}

/**
 * kafkajs looks for requests that wait for their turn a thousand times a second, on every connection that was ever answered,
 * for as long as the process lives. From now on it looks only while there are any.
 */
async function letRequestQueuesRest(): Promise<void> {
  const { default: queueClass } = await import("kafkajs/src/network/requestQueue/index.js");
  const { prototype } = queueClass;
  const lookAgain = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function lookWhileSomeWait(): void {
    if (this.pending.length > 0) lookAgain.call(this);
  };
}

/**
 * kafkajs takes memory of its own, filled with zeros, for every record, every header and every part of a request; telling
 * the garbage collector of each costs more than what is written into it. From now on what is small shares memory.
 */
async function letEncodersShareMemory(): Promise<void> {
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
