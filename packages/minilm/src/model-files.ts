import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { SetupError } from "@plumbline/contracts";

const folder = new URL("../models/", import.meta.url);

/** What is known of the shipped files: `models/provenance.json`. */
interface Provenance {
  files: Record<string, string>;
}

export interface ModelFiles {
  /** Names the weights: the beginning of their checksum. */
  version: string;
  weights: Uint8Array;
  tokenizer: object;
  tokenizerConfig: object;
}

async function verifiedFile(name: string, { files }: Provenance): Promise<Uint8Array> {
  const bytes = await readFile(new URL(name, folder));
  const checksum = createHash("sha256").update(bytes).digest("hex");
  if (checksum === files[name]) return bytes;
  throw new SetupError(
    `${name} of @plumbline/minilm is not the file that was shipped: its checksum is ${checksum}.`,
    {
      code: "MODEL_CHECKSUM",
      mend: "Install the package again.",
    },
  );
}

const jsonOf = (bytes: Uint8Array): object => JSON.parse(Buffer.from(bytes).toString("utf8")) as object;

/**
 * The model and its tokenizer.
 * @throws SetupError when a file is missing or is not the one that was shipped
 */
export async function readModelFiles(): Promise<ModelFiles> {
  try {
    const provenance = jsonOf(await readFile(new URL("provenance.json", folder))) as Provenance;
    const read = (name: string): Promise<Uint8Array> => verifiedFile(name, provenance);
    const [weights, tokenizer, tokenizerConfig] = await Promise.all([
      read("model.int8.onnx"),
      read("tokenizer.json"),
      read("tokenizer_config.json"),
    ]);
    return {
      version: (provenance.files["model.int8.onnx"] ?? "").slice(0, 8),
      weights,
      tokenizer: jsonOf(tokenizer),
      tokenizerConfig: jsonOf(tokenizerConfig),
    };
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError("The model files of @plumbline/minilm can't be read.", {
      code: "MODEL_UNREADABLE",
      mend: "Install the package again.",
      cause,
    });
  }
}
