import { expect, it } from "vitest";
import { Cancellation } from "./cancellation.ts";

const [first, second] = [new Error("first"), new Error("second")];

it("calls back once, with the reason that came first", () => {
  const cancellation = new Cancellation();
  const heard: Error[] = [];
  cancellation.onAbort((reason) => heard.push(reason));
  cancellation.abort(first);
  cancellation.abort(second);
  expect(heard).toEqual([first]);
  expect(cancellation.reason).toBe(first);
});

it("calls nobody back who stopped listening", () => {
  const cancellation = new Cancellation();
  const heard: Error[] = [];
  const stopListening = cancellation.onAbort((reason) => heard.push(reason));
  stopListening();
  cancellation.abort(first);
  expect(heard).toEqual([]);
});

it("has one signal, which is aborted whether it was asked for before or after", () => {
  const [before, after] = [new Cancellation(), new Cancellation()];
  const { signal } = before;
  before.abort(first);
  after.abort(first);
  expect(before.signal).toBe(signal);
  expect([signal.reason, after.signal.reason]).toEqual([first, first]);
});
