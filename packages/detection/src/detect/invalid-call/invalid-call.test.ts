import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const user = { user: "Hi, I am mia_li_3668 and want to change booking Q69X3R." };
const grounded = {
  tool: "get_user",
  args: { user_id: "mia_li_3668" },
  result: '{"bookings":["Q69X3R","PEP4E0"]}',
};

describe("invalid call", () => {
  test("an id that appears nowhere in the run is told", () => {
    const { findings } = watch(
      stepsOf([user, grounded, { tool: "get_booking", args: { id: "ZFA04Y" }, result: "{}" }]),
    );
    expect(findings.map((finding) => [finding.kind, finding.intervention])).toEqual([
      ["invalid-call", "nudge"],
    ]);
  });

  test("ids from a person, a result or the goal are grounded", () => {
    const { findings } = watch(
      stepsOf([
        user,
        grounded,
        { tool: "get_booking", args: { id: "Q69X3R" }, result: "{}" },
        { tool: "get_booking", args: { id: "PEP4E0" }, result: "{}" },
      ]),
    );
    expect(findings).toEqual([]);
  });

  test("an id that the agent alone had named does not vouch for the ids of the run", () => {
    const look = (id: string) => ({ tool: "get", args: { id }, result: `{"order":"${id}","state":"open"}` });
    const events = ["AB-4417", "AB-4417", "QX-9035", "AB-4417", "ZT-2281"].map(look);
    expect(watch(stepsOf(events), { goal: "Check the open orders" }).findings).toEqual([]);
    const known = { user: "Begin with order AB-4417." };
    expect(watch(stepsOf([known, ...events])).findings.map(({ kind }) => kind)).toContain("invalid-call");
  });

  test("the next item of a series is grounded", () => {
    const events = times(10, (index) => ({
      tool: "get",
      args: { id: `INV-${String(1001 + index)}` },
      result: `invoice ${String(index * 3)} paid`,
    }));
    expect(watch(stepsOf(events), { goal: "Check the invoices from INV-1001 on" }).findings).toEqual([]);
  });

  test("a date, a small number or a new word is no id", () => {
    const event = (args: unknown) => ({ tool: "search", args, result: "some page" });
    const { findings } = watch(
      stepsOf([
        user,
        grounded,
        event({ date: "2026-05-20" }),
        event({ limit: 25 }),
        event({ mode: "4g_preferred" }),
      ]),
    );
    expect(findings).toEqual([]);
  });

  test("a tool that does not exist is told when it is called again", () => {
    const events = times(2, (index) => ({
      tool: "refund_all",
      args: { n: index },
      result: "Unknown tool: refund_all",
      error: true,
    }));
    expect(watch(stepsOf(events)).strongest("invalid-call")).toBe("nudge");
  });

  test("tools that do not exist are told at the third name, and as one finding", () => {
    const names = ["fetch_customer", "lookup_customer", "find_person", "crm_query"];
    const events = names.map((tool) => ({
      tool,
      args: { name: "Ada" },
      result: `Tool '${tool}' not found.`,
    }));
    const { findings } = watch(stepsOf(events.map((event) => ({ ...event, error: true }))));
    const own = findings.filter(({ kind }) => kind === "invalid-call");
    expect(own.map(({ atSequence, intervention }) => [atSequence, intervention])).toEqual([
      [3, "nudge"],
      [4, "nudge"],
    ]);
    expect(new Set(own.map(({ findingId }) => findingId)).size).toBe(1);
  });

  test("arguments that break the schema three times are told", () => {
    const events = times(3, (index) => ({
      tool: "create",
      args: { n: index },
      result: "Validation error: missing required field name",
      error: true,
    }));
    expect(watch(stepsOf(events)).strongest("invalid-call")).toBe("nudge");
  });
});
