import { hash } from "node:crypto";

/** Gives a text back without what must not leave the process. */
export type Redactor = (text: string) => string;

/** A short name for a secret: the same for the same secret, and no way back. */
type Tag = (secret: string) => string;

interface Rule {
  /** Cheap test that spares most texts the pattern. */
  hint: RegExp;
  /** Named groups: `before` and `after` stay, `secret` (or else the whole match) goes. */
  pattern: RegExp;
  label: string;
  /** Whether a match is one at all; every match when left out. */
  isSecret?: (match: string) => boolean;
}

function isCardNumber(match: string): boolean {
  const digits = match.replaceAll(/\D/gu, "");
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += index % 2 === 1 ? doubled : digit;
  }
  return sum % 10 === 0;
}

const rules: readonly Rule[] = [
  {
    label: "private-key",
    hint: /-----BEGIN/u,
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu,
  },
  {
    label: "key",
    hint: /sk-|gh[pousr]_|github_pat_|xox|AKIA|ASIA|AIza|glpat-|_live_|_test_|npm_|hf_/u,
    pattern:
      /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|glpat-[A-Za-z0-9_-]{20,}|[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,})/gu,
  },
  {
    label: "token",
    hint: /eyJ/u,
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/gu,
  },
  {
    label: "token",
    hint: /bearer|basic/iu,
    pattern: /(?<before>\b(?:Bearer|Basic)\s+)(?<secret>[A-Za-z0-9._~+/-]{12,}=*)/giu,
  },
  {
    label: "secret",
    hint: /key|token|secret|passw|pwd|credential/iu,
    pattern:
      /(?<before>(?:api[_-]?key|access[_-]?key|(?:access|auth|refresh|session|id)[_-]?token|client[_-]?secret|secret|passw(?:or)?d|pwd|credentials?)\\?["']?\s*[:=]\s*\\?["']?)(?<secret>(?!\[)[^\s"'\\,;&}]{4,})/giu,
  },
  {
    label: "secret",
    hint: /:\/\//u,
    pattern: /(?<before>\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']+:)(?<secret>(?!\[)[^\s/@"']+)(?<after>@)/giu,
  },
  {
    label: "email",
    hint: /@/u,
    pattern: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b/gu,
  },
  {
    label: "card",
    hint: /\d{4}[ -]?\d{4}/u,
    pattern: /(?<![\w.-])[2-6](?:[ -]?\d){13,18}(?![\w-])/gu,
    isSecret: isCardNumber,
  },
  { label: "ssn", hint: /\d-\d{2}-\d/u, pattern: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/gu },
  {
    label: "iban",
    hint: /[A-Z]{2}\d{2}/u,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b/gu,
  },
];

type Groups = Partial<Record<"before" | "secret" | "after", string>>;

function apply(rule: Rule, text: string, tag: Tag): string {
  return text.replaceAll(rule.pattern, (match: string, ...rest: unknown[]) => {
    if (rule.isSecret?.(match) === false) return match;
    const last = rest.at(-1);
    const {
      before = "",
      secret = match,
      after = "",
    }: Groups = typeof last === "object" && last !== null ? last : {};
    return `${before}[${rule.label}:${tag(secret)}]${after}`;
  });
}

/** No digits and no hexadecimal letters, so that nothing takes a tag for a number or an id of its own. */
const tagLetters = "ghjkmnpqrstvwxyz";
const tagLength = 5;

const mostKnownTags = 64;

/** Nobody can continue a hash that is cut to so few letters: a plain one over key and secret does. */
function tagOf(key: string, secret: string): string {
  let tag = "";
  for (const digit of hash("sha256", `${key}\n${secret}`, "hex").slice(0, tagLength))
    tag += tagLetters[Number.parseInt(digit, 16)];
  return tag;
}

/** What arguments name comes back in results: the last tags are remembered. */
function keyedTag(key: string): Tag {
  const known = new Map<string, string>();
  return (secret) => {
    const before = known.get(secret);
    if (before !== undefined) return before;
    if (known.size >= mostKnownTags) known.clear();
    const tag = tagOf(key, secret);
    known.set(secret, tag);
    return tag;
  };
}

/**
 * The redactor in force by default: keys and tokens of common services, passwords in assignments and URLs, private
 * keys, e-mail addresses, card numbers (checked by their check digit), social security numbers and IBANs. What is
 * blotted out keeps a short tag, the same for the same secret: twenty customers stay twenty.
 * @param key secret of this process; without it a tag says nothing about what it stands for
 */
export function createRedactor(key: string): Redactor {
  const tag = keyedTag(key);
  return (text) => {
    let redacted = text;
    for (const rule of rules) if (rule.hint.test(redacted)) redacted = apply(rule, redacted, tag);
    return redacted;
  };
}
