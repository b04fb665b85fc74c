import { z } from "zod";

/** What tells whether an agent's requests say the same in other words. */
export const embedderSettingsSchema = z
  .strictObject({
    /**
     * `none` compares by entities and words alone. `minilm` runs in process where its packages load. `openai` asks any
     * endpoint that speaks OpenAI's embeddings API; texts leave this machine then.
     */
    kind: z.enum(["none", "minilm", "openai"]).default("minilm"),
    /** The rest is for `openai`. */
    baseUrl: z.url({ protocol: /^https?$/ }).default("https://api.openai.com/v1"),
    model: z.string().min(1).nullable().default(null),
    /** For models that can shorten their vectors. */
    dimensions: z.number().int().min(1).nullable().default(null),
    apiKey: z.string().default(""),
  })
  .refine(({ kind, model }) => kind !== "openai" || model !== null, {
    path: ["model"],
    message: "The embedder openai needs the name of a model",
  })
  .prefault({});
export type EmbedderSettings = z.infer<typeof embedderSettingsSchema>;
