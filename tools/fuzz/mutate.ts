import type { Random } from "@plumbline/contracts";

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const below = (limit: number, random: Random): number => Math.floor(random.next() * limit);

const setByte: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  copy[below(bytes.length, random)] = below(256, random);
  return copy;
};

const cut: Mutation = (bytes, random) => bytes.slice(0, below(bytes.length, random));

function spliced(bytes: Uint8Array, range: { from: number; to: number }, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - (range.to - range.from) + inserted.length);
  result.set(bytes.subarray(0, range.from));
  result.set(inserted, range.from);
  result.set(bytes.subarray(range.to), range.from + inserted.length);
  return result;
}

const remove: Mutation = (bytes, random) => {
  const from = below(bytes.length, random);
  const to = Math.min(bytes.length, from + 1 + below(40, random));
  return spliced(bytes, { from, to }, new Uint8Array());
};

const repeat: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const from = below(bytes.length, random);
  return copy.copyWithin(below(bytes.length, random), from, from + 24);
};

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** Changes a letter into a letter or a digit into a digit: the frame stays readable, what it says does not. */
const changeCharacter: Mutation = (bytes, random) => {
  const start = below(bytes.length, random);
  const found = bytes.subarray(start).findIndex((byte) => isDigit(byte) || isLetter(byte));
  if (found < 0) return bytes;
  const copy = bytes.slice();
  const position = start + found;
  copy[position] = isDigit(copy[position] ?? 0) ? 0x30 + below(10, random) : 0x61 + below(26, random);
  return copy;
};

const odd = [
  "null",
  '""',
  "{}",
  "[]",
  "-1",
  "1e400",
  '"NaN"',
  "true",
  '"\\u0000"',
  '"\\ud800"',
  '"18446744073709551616"',
  '"-9223372036854775809"',
  '{"intValue":"1"}',
  '{"arrayValue":{"values":[{},{}]}}',
  '{"kvlistValue":{"values":[{"key":"a"}]}}',
  '"[{\\"role\\":\\"tool\\",\\"parts\\":[null]}]"',
  "[".repeat(200) + "]".repeat(200),
].map((text) => new TextEncoder().encode(text));

const quote = 0x22;
const colon = 0x3a;
const openBrace = 0x7b;

/** Puts another value in the place of one JSON string that stands behind a colon. */
const exchangeValue: Mutation = (bytes, random) => {
  if (bytes[0] !== openBrace) return changeCharacter(bytes, random);
  const start = below(bytes.length, random);
  let from = bytes.indexOf(quote, start);
  while (from > 0 && bytes[from - 1] !== colon) from = bytes.indexOf(quote, from + 1);
  const to = from < 1 ? -1 : bytes.indexOf(quote, from + 1);
  if (to < 0) return changeCharacter(bytes, random);
  return spliced(bytes, { from, to: to + 1 }, odd[below(odd.length, random)] ?? new Uint8Array());
};

/** Each as often as it is named: what leaves the body readable reaches the rooms behind the decoder. */
const mutations: readonly Mutation[] = [
  setByte,
  setByte,
  remove,
  repeat,
  cut,
  ...Array.from({ length: 5 }, () => changeCharacter),
  ...Array.from({ length: 5 }, () => exchangeValue),
];

/**
 * A copy of a request body with one to five damages.
 * @param bytes OTLP as JSON or protobuf
 */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes;
  const rounds = 1 + below(5, random);
  for (let round = 0; round < rounds && result.length > 0; round += 1) {
    const mutate = mutations[below(mutations.length, random)] ?? setByte;
    result = mutate(result, random);
  }
  return result;
}
