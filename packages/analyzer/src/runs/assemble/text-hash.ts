import { hash } from "node:crypto";

/** From here on the native hash is faster than a loop. */
const longTextChars = 256;

/** A hash of a text of at least 53 bits: for telling texts apart within one run, not for security. */
export function textHash(text: string): string {
  return text.length < longTextChars ? shortTextHash(text) : hash("sha1", text, "base64").slice(0, 11);
}

/** cyrb53, in base 36. */
function shortTextHash(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
