import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identifyRun, type RunIdentityFacts } from "./run-identity.ts";

const everything: RunIdentityFacts = {
  tenantId: "acme",
  runId: "run-7",
  conversationId: "conversation-7",
  service: "refunds",
  systemPrompt: "You refund orders.",
  firstUserMessage: "Refund order 1042",
  epoch: 0,
  traceId: "0af7651916cd43dd8448eb211c80319c",
};
const { runId: _runId, ...withoutRunId } = everything;
const { conversationId: _conversationId, ...historyAndTrace } = withoutRunId;
const { firstUserMessage: _firstUserMessage, ...traceOnly } = historyAndTrace;

const text = fc.string({ minLength: 1, maxLength: 40 });
const history = fc.record({
  tenantId: fc.constantFrom("", "acme", "umbrella"),
  service: fc.string({ maxLength: 10 }),
  systemPrompt: fc.string({ maxLength: 20 }),
  firstUserMessage: text,
  epoch: fc.nat(3),
});

describe("precedence", () => {
  test("an explicit run id is taken as it is", () => {
    expect(identifyRun(everything)).toEqual({ runId: "run-7", source: "explicit" });
  });

  test("without it the conversation names the run, whatever the history", () => {
    const first = identifyRun(withoutRunId);
    expect(first?.source).toBe("conversation");
    expect(identifyRun({ ...withoutRunId, firstUserMessage: "Something else", epoch: 4 })).toEqual(first);
  });

  test("without a conversation the history root names it, whatever the trace", () => {
    const first = identifyRun(historyAndTrace);
    expect(first?.source).toBe("history");
    expect(identifyRun({ ...historyAndTrace, traceId: "ffff" })).toEqual(first);
  });

  test("a trace id is the last resort", () => {
    const expected = { runId: "t-0af7651916cd43dd8448eb211c80319c", source: "trace" };
    expect(identifyRun(traceOnly)).toEqual(expected);
  });

  test("no fact, no run; an empty text is no fact", () => {
    expect(identifyRun({ tenantId: "acme" })).toBeUndefined();
    const empty = { runId: "", conversationId: "", firstUserMessage: "", traceId: "" };
    expect(identifyRun({ tenantId: "acme", ...empty })).toBeUndefined();
    expect(identifyRun({ ...everything, runId: "" })?.source).toBe("conversation");
  });
});

describe("separation", () => {
  test("two tenants with the same conversation or history have two runs", () => {
    for (const facts of [withoutRunId, historyAndTrace]) {
      expect(identifyRun({ ...facts, tenantId: "umbrella" })?.runId).not.toBe(identifyRun(facts)?.runId);
    }
  });

  test("a conversation id that reads like a first message is still another run", () => {
    const conversation = identifyRun({ tenantId: "", conversationId: "Refund order 1042" });
    const history = identifyRun({ tenantId: "", firstUserMessage: "Refund order 1042" });
    expect(conversation?.runId).not.toBe(history?.runId);
  });

  test("a history that begins anew is another run", () => {
    expect(identifyRun({ ...historyAndTrace, epoch: 1 })?.runId).not.toBe(
      identifyRun(historyAndTrace)?.runId,
    );
  });

  test("a missing epoch, service or system prompt means the first, the nameless and none", () => {
    const bare = { tenantId: "acme", firstUserMessage: "Refund order 1042" };
    expect(identifyRun(bare)).toEqual(identifyRun({ ...bare, epoch: 0, service: "", systemPrompt: "" }));
  });
});

test("the same facts always name the same run", () => {
  fc.assert(
    fc.property(history, (facts) => {
      expect(identifyRun({ ...facts })).toEqual(identifyRun({ ...facts }));
    }),
  );
});

test("any difference in tenant, service, prompt, first message or epoch is another run", () => {
  fc.assert(
    fc.property(history, history, (one, other) => {
      const isSame = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(other));
      expect(identifyRun(one)?.runId === identifyRun(other)?.runId).toBe(isSame);
    }),
  );
});

test("another first message is another run", () => {
  fc.assert(
    fc.property(history, text, (facts, otherMessage) => {
      fc.pre(otherMessage !== facts.firstUserMessage);
      const other = identifyRun({ ...facts, firstUserMessage: otherMessage });
      expect(other?.runId).not.toBe(identifyRun(facts)?.runId);
    }),
  );
});
