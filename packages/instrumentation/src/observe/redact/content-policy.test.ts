import { describe, expect, it } from "vitest";
import { createContentPolicy } from "./content-policy.ts";

const redact = (text: string): string => text.replaceAll(/\S+@\S+\.com/gu, "[email]");
const policyOf = (content: "full" | "redacted" | "none", redactor?: (text: string) => string) =>
  createContentPolicy({ content, redactor, redact });

const message = {
  role: "assistant",
  parts: [
    { type: "text", content: "mail a@b.com" },
    { type: "tool_call", id: "c-1", name: "send", arguments: { to: "a@b.com", n: 1 } },
    { type: "tool_call_response", id: "c-1", response: "to a@b.com" },
  ],
};

describe("the content policy", () => {
  it("redacts every text of a message, and keeps ids and names", () => {
    expect(policyOf("redacted").message(message)).toEqual({
      role: "assistant",
      parts: [
        { type: "text", content: "mail [email]" },
        { type: "tool_call", id: "c-1", name: "send", arguments: { to: "[email]", n: 1 } },
        { type: "tool_call_response", id: "c-1", response: "to [email]" },
      ],
    });
  });

  it("lets everything through when asked to, except what an own redactor takes out", () => {
    expect(policyOf("full").message(message)).toEqual(message);
    expect(policyOf("full", (text) => text.replaceAll("mail", "X")).text("mail")).toBe("X");
  });

  it("lets no content out when told not to, errors redacted", () => {
    const policy = policyOf("none");
    expect(policy.text("x")).toBeNull();
    expect(policy.message(message)).toEqual({ role: "assistant", parts: [] });
    expect(policy.attribute("llm.prompts.0.content", "x")).toBeNull();
    expect(policy.attribute("acme.notes", "x".repeat(300))).toBeNull();
    expect(policy.attribute("gen_ai.request.model", "m")).toBe("m");
    expect(policy.error(new Error("a@b.com failed"))).toBe("[email] failed");
  });

  it("keeps the text in when the redactor itself fails", () => {
    const policy = policyOf("redacted", () => {
      throw new Error("broken");
    });
    expect(policy.text("secret")).toBe("[redactor failed]");
  });
});
