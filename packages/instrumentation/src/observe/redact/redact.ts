/** Gives a text back without what must not leave the process. */
export type Redactor = (text: string) => string;

interface Rule {
  /** Cheap test that spares most texts the pattern. */
  hint: RegExp;
  pattern: RegExp;
  replace: string | ((match: string) => string);
}

function luhnHolds(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += index % 2 === 1 ? doubled : digit;
  }
  return sum % 10 === 0;
}

function blotCard(match: string): string {
  const digits = match.replaceAll(/\D/gu, "");
  return luhnHolds(digits) ? "[card]" : match;
}

const rules: readonly Rule[] = [
  {
    hint: /-----BEGIN/u,
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu,
    replace: "[private-key]",
  },
  {
    hint: /sk-|gh[pousr]_|github_pat_|xox|AKIA|ASIA|AIza|glpat-|_live_|_test_|npm_|hf_/u,
    pattern:
      /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|glpat-[A-Za-z0-9_-]{20,}|[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,})/gu,
    replace: "[key]",
  },
  {
    hint: /eyJ/u,
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/gu,
    replace: "[token]",
  },
  {
    hint: /bearer|basic/iu,
    pattern: /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/-]{12,}=*/giu,
    replace: "$1 [token]",
  },
  {
    hint: /key|token|secret|passw|pwd|credential/iu,
    pattern:
      /((?:api[_-]?key|access[_-]?key|(?:access|auth|refresh|session|id)[_-]?token|client[_-]?secret|secret|passw(?:or)?d|pwd|credentials?)\\?["']?\s*[:=]\s*\\?["']?)([^\s"'\\,;&}]{4,})/giu,
    replace: "$1[secret]",
  },
  {
    hint: /:\/\//u,
    pattern: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']+:)[^\s/@"']+(@)/giu,
    replace: "$1[secret]$2",
  },
  {
    hint: /@/u,
    pattern: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b/gu,
    replace: "[email]",
  },
  { hint: /\d{4}[ -]?\d{4}/u, pattern: /(?<![\w.-])[2-6](?:[ -]?\d){13,18}(?![\w-])/gu, replace: blotCard },
  { hint: /\d-\d{2}-\d/u, pattern: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/gu, replace: "[ssn]" },
  {
    hint: /[A-Z]{2}\d{2}/u,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b/gu,
    replace: "[iban]",
  },
];

/**
 * The redactor in force by default: keys and tokens of common services, passwords in assignments and URLs, private
 * keys, e-mail addresses, card numbers (checked by their check digit), social security numbers and IBANs.
 */
export function redact(text: string): string {
  let redacted = text;
  for (const rule of rules) {
    if (!rule.hint.test(redacted)) continue;
    redacted =
      typeof rule.replace === "string"
        ? redacted.replaceAll(rule.pattern, rule.replace)
        : redacted.replaceAll(rule.pattern, rule.replace);
  }
  return redacted;
}
