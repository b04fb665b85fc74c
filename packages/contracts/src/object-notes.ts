/*
 * Owns: what is known of an object, for as long as the object is.
 * Does not own: what that is. It follows from the object alone, which is never changed; whoever made it makes it again.
 *
 * A WeakMap says the same, but the garbage collector has to go through all entries of all maps, again and again until nothing
 * new is found, while the program stands still: with some ten thousand of them for a tenth of a second and more.
 */

/** Notes of one kind on objects. They are not among an object's properties: no copy has them, no JSON shows them. */
export interface ObjectNotes<Key extends object, Value> {
  get(key: Key): Value | undefined;
  /** On an object that takes no more properties nothing is noted. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/** Is what it is given: the private field of a class that extends it comes to stand on that. */
// oxlint-disable-next-line typescript/no-extraneous-class -- there is nothing else to it
class Itself {
  constructor(target: object) {
    return target;
  }
}

/** Notes of a kind of their own. */
export function createObjectNotes<Key extends object, Value>(): ObjectNotes<Key, Value> {
  class Note extends Itself {
    #value: Value | undefined;

    constructor(target: Key, value: Value) {
      super(target);
      this.#value = value;
    }

    static get(key: Key): Value | undefined {
      return #value in key ? key.#value : undefined;
    }

    static set(key: Key, value: Value): void {
      if (#value in key) key.#value = value;
      else if (Object.isExtensible(key)) new Note(key, value);
    }

    static delete(key: Key): void {
      if (#value in key) key.#value = undefined;
    }
  }
  return Note;
}

/** Works something out of each object once: what follows from an object that is never changed. */
export function oncePerObject<Key extends object, Value extends NonNullable<unknown>>(
  workOut: (key: Key) => Value,
): (key: Key) => Value {
  const notes = createObjectNotes<Key, Value>();
  return (key) => {
    const known = notes.get(key);
    if (known !== undefined) return known;
    const value = workOut(key);
    notes.set(key, value);
    return value;
  };
}
