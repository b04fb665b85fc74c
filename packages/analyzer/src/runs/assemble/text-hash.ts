import { hash } from "node:crypto";

/*
 * Hashes of 53 bits, for telling texts apart within one run, not for security. They are numbers, for they are made and
 * compared many times for each time one is written down.
 */

/** From here on the native hash is faster than a loop. */
const longTextChars = 512;
const highBits = 2_097_151;
const twoTo32 = 4_294_967_296;

function finished(first: number, second: number): number {
  let high = first;
  let low = second;
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return twoTo32 * (highBits & low) + (high >>> 0);
}

/** cyrb53. */
function shortHash(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  return finished(high, low);
}

function longHash(text: string): number {
  const digest = hash("sha1", text, "binary");
  let high = 0;
  let low = 0;
  for (let index = 0; index < 4; index += 1) {
    high = (high << 8) | digest.charCodeAt(index);
    low = (low << 8) | digest.charCodeAt(index + 4);
  }
  return twoTo32 * (highBits & low) + (high >>> 0);
}

export const hashOf = (text: string): number =>
  text.length < longTextChars ? shortHash(text) : longHash(text);

/** Hash of a sequence: what it was before, and what comes behind. */
export function hashedOn(before: number, next: number): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const value of [before, next]) {
    const upper = (value / twoTo32) | 0;
    const lower = value | 0;
    high = Math.imul(Math.imul(high ^ upper, 2_654_435_761) ^ lower, 2_654_435_761);
    low = Math.imul(Math.imul(low ^ upper, 1_597_334_677) ^ lower, 1_597_334_677);
  }
  return finished(high, low);
}

/** A hash as a few characters. */
export const textHash = (text: string): string => hashOf(text).toString(36);
