import { expect, it } from "vitest";
import * as entry from "./index.ts";
import * as testing from "./testing/index.ts";

it("the package exports these names and no others", () => {
  expect(Object.keys(entry).toSorted()).toEqual([
    "BudgetExceededError",
    "ControlLostError",
    "IllegalPhaseError",
    "NotDoneError",
    "PlumblineSpanProcessor",
    "RunKilledError",
    "RunPausedError",
    "RunStoppedError",
    "announceRun",
    "configurePlumbline",
    "createRedactor",
    "instrumentOpenAI",
    "plumblineStatus",
    "runStoppedIn",
    "shutdown",
    "supervise",
  ]);
  expect(Object.keys(testing)).toEqual(["startScriptedModel"]);
});
