const started = (seed: number): number => (seed ^ 0x811c9dc5) >>> 0;

function absorbed(hash: number, text: string): number {
  let h = hash;
  for (let index = 0; index < text.length; index += 1) {
    h = Math.imul(h ^ text.charCodeAt(index), 0x01000193);
  }
  return h;
}

function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a text to 32 bits; `seed` keys it. */
export const hash32 = (text: string, seed: number): number => finished(absorbed(started(seed), text));

/** Hash of two words with a space between, without the text that they make. */
export const hashOfPair = (first: string, second: string, seed: number): number =>
  finished(absorbed(absorbed(absorbed(started(seed), first), " "), second));

/** Two hashes as one. */
export function mix(a: number, b: number): number {
  return hash32(`${String(a)}/${String(b)}`, 0);
}
