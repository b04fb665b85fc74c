import type { StepFingerprint } from "@plumbline/contracts";
import type { Vocabulary } from "../features/vocabulary.ts";
import { packHashList, unpackHashList } from "./hash-list.ts";
import type { KeyedHash } from "./keyed-hash.ts";

type SentAct = StepFingerprint["act"];
type SentHeard = Pick<StepFingerprint, "material" | "mentioned">;

const most = { words: 48, entities: 24, material: 192, mentioned: 512 } as const;

export function sentHeard(
  { material, ids }: Pick<Vocabulary, "material" | "ids">,
  keyed: KeyedHash,
): SentHeard {
  return {
    material: packHashList(material.map(keyed), most.material),
    mentioned: packHashList(ids.map(keyed), most.mentioned),
  };
}

export function readHeard({ material, mentioned }: SentHeard): Pick<Vocabulary, "material" | "ids"> {
  return { material: unpackHashList(material), ids: unpackHashList(mentioned) };
}

export function sentAct(act: Vocabulary["act"], keyed: KeyedHash): SentAct {
  if (act === null) return null;
  const words = act.words.slice(0, most.words);
  return {
    words: packHashList(
      words.map(({ hash }) => keyed(hash)),
      most.words,
    ),
    weights: words.map(({ weight }) => weight),
    entities: packHashList(act.entities.map(keyed), most.entities),
  };
}

export function readAct(act: SentAct): Vocabulary["act"] {
  if (act === null) return null;
  const words = unpackHashList(act.words).map((hash, index) => ({ hash, weight: act.weights[index] ?? 1 }));
  return { words, entities: unpackHashList(act.entities) };
}
