import { gistWords, type Gist } from "../features/gist.ts";
import { packedItems, packHashes } from "../features/pack.ts";

const fixedChars = 6;
const formChars = 3;

/** A gist as one short text, for state that has to stay small. */
export function packGist(gist: Gist | null): string {
  if (gist === null) return "";
  return packHashes([gist.fixed, gist.fixed >>> 18, gist.form], 3) + packHashes(gist.said, gistWords);
}

/** What no rewording changes: equal texts are equal parts. */
export const fixedIn = (packed: string): string => packed.slice(0, fixedChars);

/** How it is worded. */
export const formIn = (packed: string): string => packed.slice(fixedChars, fixedChars + formChars);

/** Its content words, still packed. */
export const saidIn = (packed: string): string[] => packedItems(packed.slice(fixedChars + formChars));
