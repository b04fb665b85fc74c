import { readModelFiles } from "./model-files.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";
import { loadRuntime, type Runtime } from "./runtime.ts";
import { createTokeniser } from "./tokenise.ts";

export const dimensions = 384;
const batchSize = 16;

/** Vectors of many texts one behind the other. */
export type Infer = (texts: readonly string[]) => Promise<Float32Array<ArrayBuffer>>;

export interface Inference {
  version: string;
  runtime: Runtime["name"];
  infer: Infer;
}

interface Item {
  at: number;
  ids: readonly number[];
}

/** Token ids and their mask, padded to the longest of the batch. */
function paddedBatch(batch: readonly Item[]): { ids: BigInt64Array; mask: BigInt64Array; width: number } {
  const width = Math.max(...batch.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(batch.length * width);
  const mask = new BigInt64Array(batch.length * width);
  batch.forEach((item, row) => {
    item.ids.forEach((id, column) => {
      ids[row * width + column] = BigInt(id);
      mask[row * width + column] = 1n;
    });
  });
  return { ids, mask, width };
}

/** Items of like length together, so that little is padded. */
function batchesOf(items: readonly Item[]): Item[][] {
  const sorted = items.toSorted((a, b) => a.ids.length - b.ids.length);
  const batches: Item[][] = [];
  for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize));
  return batches;
}

/** Loads runtime, weights and tokenizer. */
export async function openInference(choice: RuntimeChoice): Promise<Inference> {
  const [{ name, InferenceSession, Tensor }, files] = await Promise.all([
    loadRuntime(choice),
    readModelFiles(),
  ]);
  const session = await InferenceSession.create(files.weights, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const tokenise = createTokeniser(files.tokenizer, files.tokenizerConfig);
  const infer: Infer = async (texts) => {
    const vectors = new Float32Array(texts.length * dimensions);
    for (const batch of batchesOf(texts.map((text, at) => ({ at, ids: tokenise(text) })))) {
      const { ids, mask, width } = paddedBatch(batch);
      const shape = [batch.length, width];
      const { embedding } = await session.run({
        input_ids: new Tensor("int64", ids, shape),
        attention_mask: new Tensor("int64", mask, shape),
      });
      const rows = embedding?.data as Float32Array;
      batch.forEach(({ at }, row) => {
        vectors.set(rows.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
      });
    }
    return vectors;
  };
  return { version: files.version, runtime: name, infer };
}
