import { expect, it } from "vitest";
import * as entry from "./index.ts";
import * as testing from "./testing/index.ts";

it("the package exports these names and no others", () => {
  expect(Object.keys(entry).toSorted()).toEqual([
    "ApprovalDeniedError",
    "BudgetExceededError",
    "ControlLostError",
    "IllegalPhaseError",
    "LoopDetectedError",
    "NotDoneError",
    "OutputInvalidError",
    "PlumblineSpanProcessor",
    "RetryLimitError",
    "RunKilledError",
    "RunPausedError",
    "RunStoppedError",
    "RunTakenOverError",
    "announceRun",
    "configurePlumbline",
    "createRedactor",
    "createSqliteCheckpointStore",
    "createWebhookNotifier",
    "currentToolCall",
    "instrumentOpenAI",
    "plumblineStatus",
    "resumableRuns",
    "runStoppedIn",
    "shutdown",
    "supervise",
  ]);
  expect(Object.keys(testing)).toEqual(["startScriptedModel"]);
});
