import * as tokenizers from "@huggingface/tokenizers";

/** What is used of the package, whose own types can't be resolved by Node's rules. */
interface TokenizersPackage {
  Tokenizer: new (tokenizer: object, config: object) => { encode(text: string): { ids: number[] } };
}
const { Tokenizer } = tokenizers as unknown as TokenizersPackage;

const maxTokens = 64;
const tailTokens = 22;
/** Characters read of a long text; many times what fits, so that its cost has an end. */
const maxChars = { head: 1500, tail: 700 } as const;

const ends = (text: string): string =>
  text.length <= maxChars.head + maxChars.tail
    ? text
    : `${text.slice(0, maxChars.head)} ${text.slice(-maxChars.tail)}`;

/** Turns a text into the ids of at most 64 tokens: its head and its tail, since agents decide at the end. */
export function createTokeniser(tokenizer: object, config: object): (text: string) => number[] {
  const wordPiece = new Tokenizer(tokenizer, config);
  return (text) => {
    const { ids } = wordPiece.encode(ends(text));
    return ids.length <= maxTokens
      ? ids
      : [...ids.slice(0, maxTokens - tailTokens), ...ids.slice(-tailTokens)];
  };
}
