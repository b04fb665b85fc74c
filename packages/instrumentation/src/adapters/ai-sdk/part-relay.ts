/**
 * Owns: the way of the parts that a streaming tool yields, from the stages it works under to the generator that the AI SDK reads.
 * A part is taken from the tool once the one before was read.
 */
export class PartRelay {
  private readonly channel = new TransformStream<unknown, unknown>(undefined, undefined, {
    highWaterMark: 0,
  });
  private readonly writer = this.channel.writable.getWriter();
  private last: unknown;

  /** Hands on what a tool yields; its last part is its result. */
  async take(parts: AsyncIterable<unknown>): Promise<unknown> {
    let result: unknown;
    for await (const part of parts) {
      result = part;
      if (!(await this.wasRead(part))) break;
    }
    return result;
  }

  /** Whether the SDK reads on: it may leave a generator before its end. */
  private wasRead(part: unknown): Promise<boolean> {
    return this.writer.write(part).then(
      () => true,
      () => false,
    );
  }

  /** The parts, and last the result that `done` resolves to, where that is none of them. */
  async *until(done: Promise<unknown>): AsyncGenerator {
    const close = (): void => void this.writer.close().catch(() => undefined);
    done.then(close, close);
    for await (const part of this.channel.readable) {
      this.last = part;
      yield part;
    }
    const result = await done;
    if (result !== this.last) yield result;
  }
}
