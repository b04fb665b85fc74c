import { z } from "zod";

/** Asks a model about a finding before a run is paused for it. Calls and results of the finding leave this machine then. */
export const judgeSettingsSchema = z
  .strictObject({
    kind: z.enum(["off", "openai"]).default("off"),
    /** The rest is for `openai`: any endpoint that speaks OpenAI's chat completions with structured output. */
    baseUrl: z.url({ protocol: /^https?$/ }).default("https://api.openai.com/v1"),
    model: z.string().min(1).nullable().default(null),
    apiKey: z.string().default(""),
    /** An answer that comes later counts for nothing. */
    timeoutMs: z.number().int().min(100).max(60_000).default(8_000),
    maxAnswerTokens: z.number().int().min(64).max(4_096).default(600),
    questionsPerRun: z.number().int().min(1).default(3),
    tokensPerHour: z.number().int().min(1).default(500_000),
    usdPerHour: z.number().min(0).default(1),
    /** Prices of the model, for the budget in US dollars. */
    inputUsdPerMillion: z.number().min(0).default(0),
    outputUsdPerMillion: z.number().min(0).default(0),
  })
  .refine(({ kind, model }) => kind === "off" || model !== null, {
    path: ["model"],
    message: "The judge openai needs the name of a model",
  })
  .prefault({});
export type JudgeSettings = z.infer<typeof judgeSettingsSchema>;
