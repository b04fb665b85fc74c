import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./redact.ts";

const withTags = createRedactor("key of this test");
const redact = (text: string): string => withTags(text).replaceAll(/:[g-z]{5}\]/gu, "]");

describe("the redactor", () => {
  it.each([
    ["an OpenAI key", "use sk-proj-abcdefghijklmnop1234 now", "use [key] now"],
    ["a GitHub token", `ghp_${"a".repeat(36)}`, "[key]"],
    ["an AWS key id", "AKIAIOSFODNN7EXAMPLE", "[key]"],
    ["a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF", "[token]"],
    ["a bearer header", "Authorization: Bearer abcdef0123456789", "Authorization: Bearer [token]"],
    ["a password in an assignment", "password=hunter22 next", "password=[secret] next"],
    ["a secret in JSON", '{"client_secret":"abc123def"}', '{"client_secret":"[secret]"}'],
    [
      "a secret in escaped JSON",
      String.raw`{\"api_key\":\"abc123def\"}`,
      String.raw`{\"api_key\":\"[secret]\"}`,
    ],
    ["a password in a URL", "postgres://app:s3cret@db/x", "postgres://app:[secret]@db/x"],
    ["an e-mail address", "mail ana.b+c@example.co.uk today", "mail [email] today"],
    ["a card number", "card 4111 1111 1111 1111.", "card [card]."],
    ["a social security number", "ssn 078-05-1120", "ssn [ssn]"],
    ["an IBAN", "DE89370400440532013000", "[iban]"],
    ["a private key", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[private-key]"],
  ])("blots out %s", (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    "order 1042, total 4111.11 EUR, 2026-11-21T10:00:00Z",
    "at 1750000000000 ms and 1750000000000000000 ns",
    "4111 1111 1111 1112 fails its check digit",
    "tokens: 1234, max_tokens=500",
    "550e8400-e29b-41d4-a716-446655440000",
    "call +49 30 1234567 or use v1.2.3-beta.4",
    "https://example.com/a?b=c",
  ])("leaves %j alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("tells two secrets apart, knows one again, and says nothing to who has another key", () => {
    const [ana, bob] = [withTags("ana@example.com"), withTags("bob@example.com")];
    expect(ana).toMatch(/^\[email:[g-z]{5}\]$/u);
    expect(ana).not.toBe(bob);
    expect(withTags("write to ana@example.com")).toBe(`write to ${ana}`);
    expect(createRedactor("another key")("ana@example.com")).not.toBe(ana);
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(withTags(withTags(text))).toBe(withTags(text));
      }),
    );
  });
});
