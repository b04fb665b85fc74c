import { describe, expect, it } from "vitest";
import { createObjectNotes, oncePerObject } from "./object-notes.ts";

describe("createObjectNotes", () => {
  it("tells what was noted of an object and nothing of any other", () => {
    const notes = createObjectNotes<object, string>();
    const [key, equal] = [{ id: 1 }, { id: 1 }];
    expect(notes.get(key)).toBeUndefined();
    notes.set(key, "first");
    notes.set(key, "second");
    expect([notes.get(key), notes.get(equal)]).toEqual(["second", undefined]);
  });

  it("keeps notes of one kind apart from those of another on the same object", () => {
    const [lengths, names] = [
      createObjectNotes<object, number>(),
      createObjectNotes<readonly string[], string>(),
    ];
    const list = ["a", "b"];
    lengths.set(list, 2);
    expect(names.get(list)).toBeUndefined();
    names.set(list, "letters");
    expect([lengths.get(list), names.get(list)]).toEqual([2, "letters"]);
  });

  it("forgets what was deleted, and may be told of it again", () => {
    const notes = createObjectNotes<object, number>();
    const key = {};
    notes.delete(key);
    notes.set(key, 1);
    notes.delete(key);
    expect(notes.get(key)).toBeUndefined();
    notes.set(key, 2);
    expect(notes.get(key)).toBe(2);
  });

  it("does not go along into copies and is seen by nobody else", () => {
    const notes = createObjectNotes<object, string>();
    const key = { id: 1, list: [1] };
    const list = [1, 2];
    notes.set(key, "noted");
    notes.set(list, "noted");
    expect([notes.get({ ...key }), notes.get([...list]), notes.get(structuredClone(key))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(JSON.stringify([key, list])).toBe('[{"id":1,"list":[1]},[1,2]]');
    expect([Reflect.ownKeys(key), Reflect.ownKeys(list)]).toEqual([
      ["id", "list"],
      ["0", "1", "length"],
    ]);
    expect(key).toStrictEqual({ id: 1, list: [1] });
  });

  it("notes nothing on an object that takes no more properties", () => {
    const notes = createObjectNotes<object, string>();
    const frozen = Object.freeze({ id: 1 });
    notes.set(frozen, "noted");
    expect(notes.get(frozen)).toBeUndefined();
  });
});

describe("oncePerObject", () => {
  it("works something out once of each object, also where that is nothing much", () => {
    const asked: number[] = [];
    const sizeOf = oncePerObject((list: readonly number[]) => {
      asked.push(list.length);
      return list.length;
    });
    const [empty, pair] = [[], [1, 2]];
    expect([empty, pair, empty, pair].map(sizeOf)).toEqual([0, 2, 0, 2]);
    expect(asked).toEqual([0, 2]);
  });
});
