import type { ChildProcess } from "node:child_process";
import { systemClock } from "@plumbline/contracts";

/** The result, or undefined when it does not come in time: what is measured may be too slow, its measuring must end. */
export async function within<Result>(limitMs: number, work: Promise<Result>): Promise<Result | undefined> {
  const over = new AbortController();
  const late = systemClock.sleep(limitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

/** Time that a part of a benchmark may take. */
export class TimeLimit {
  readonly #endMs: number;

  constructor(limitMs: number) {
    this.#endMs = systemClock.nowMs() + limitMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - systemClock.nowMs());
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }
}

/** The next message that is wanted; undefined when none comes in time. To be called before what it answers is sent. */
export async function nextMessage<Message>(
  child: ChildProcess,
  isWanted: (message: Message) => boolean,
  limitMs: number,
): Promise<Message | undefined> {
  let listen: (message: unknown) => void = () => undefined;
  const wanted = new Promise<Message>((resolve) => {
    listen = (message) => {
      if (isWanted(message as Message)) resolve(message as Message);
    };
    child.on("message", listen);
  });
  try {
    return await within(limitMs, wanted);
  } finally {
    child.off("message", listen);
  }
}
