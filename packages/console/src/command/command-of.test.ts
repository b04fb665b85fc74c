import { type CommandRequest, commandRequestSchema, commandSchema } from "@plumbline/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandOf } from "./command-of.ts";

const context = {
  tenantId: "shop",
  runId: "run-1",
  commandId: "c-1",
  userName: "ana",
  nowMs: 1_750_000_000_000,
  argsHash: "hash",
};
const limits = fc.record({
  usd: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  steps: fc.nat(),
});
const message = fc.string();
const approvalId = fc.constant("ap-1");
const anyRequest: fc.Arbitrary<CommandRequest> = fc.oneof(
  fc.record({ verb: fc.constantFrom("pause" as const, "kill" as const), message }),
  fc.record({
    verb: fc.constant("resume" as const),
    message,
    say: fc.option(fc.string()),
    limits: fc.option(limits),
  }),
  fc.record({
    verb: fc.constant("nudge" as const),
    message,
    text: fc.string({ minLength: 1, maxLength: 4000 }),
  }),
  fc.record({ verb: fc.constant("limit" as const), message, limits }),
  fc.record({
    verb: fc.constant("approve" as const),
    message,
    approvalId,
    editedArguments: fc.option(fc.string()),
  }),
  fc.record({ verb: fc.constant("deny" as const), message, approvalId }),
);

describe("commandOf", () => {
  it("makes a command that the contract knows, signed with the person's name", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const command = commandOf(commandRequestSchema.parse(request), context);
        expect(commandSchema.parse(command)).toEqual(command);
        expect(command).toMatchObject({
          issuedBy: "user:ana",
          tenantId: "shop",
          findingId: null,
          verb: request.verb,
        });
      }),
    );
  });
});
