/** Someone who wants to know when directives change. */
export interface Subscriber {
  /** Run keys; fixed as long as it is subscribed. */
  readonly keys: Iterable<string>;
  changed(key: string): void;
  /** Called about every keep-alive interval. */
  tick(): void;
  /** The gateway closes. */
  end(): void;
}

/** Who listens for which run. */
export class DirectiveHub {
  readonly #byKey = new Map<string, Set<Subscriber>>();
  readonly #all = new Set<Subscriber>();

  get size(): number {
    return this.#all.size;
  }

  add(subscriber: Subscriber): void {
    this.#all.add(subscriber);
    for (const key of subscriber.keys) {
      const listeners = this.#byKey.get(key) ?? new Set();
      listeners.add(subscriber);
      this.#byKey.set(key, listeners);
    }
  }

  remove(subscriber: Subscriber): void {
    this.#all.delete(subscriber);
    for (const key of subscriber.keys) {
      const listeners = this.#byKey.get(key);
      listeners?.delete(subscriber);
      if (listeners?.size === 0) this.#byKey.delete(key);
    }
  }

  changed(key: string): void {
    for (const subscriber of this.#byKey.get(key) ?? []) subscriber.changed(key);
  }

  tick(): void {
    for (const subscriber of this.#all) subscriber.tick();
  }

  end(): void {
    for (const subscriber of this.#all) subscriber.end();
  }
}
