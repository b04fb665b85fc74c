import { z } from "zod";
import { outcomeClassSchema } from "./outcome.ts";

/*
 * What an agent sends instead of contents: keyed hashes and classes. No field can hold a word: texts are either one of
 * a few given words or packed hashes of a bounded number.
 */

const hash = z.number().int().min(0).max(0xffff_ffff);
/** Hashes of 32 bits, little endian, as Base64: at most `count`. */
const hashes = (count: number) =>
  z
    .string()
    .max(Math.ceil((count * 4) / 3) * 4)
    .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

const act = z.strictObject({
  words: hashes(48),
  /** How much each of the words tells of what is worked on, 0…1. */
  weights: z.array(z.number().min(0).max(1)).max(48),
  entities: hashes(24),
});

/** Words, entities and record ids that came in from outside. */
const heard = { material: hashes(192), mentioned: hashes(512) };

/** What a result says, apart from how it words it. */
const gist = z.strictObject({
  fixed: hash,
  form: hash,
  said: hashes(16),
  anchors: z.number().int().min(0).max(9),
  denies: z.boolean(),
});

export const toolFingerprintSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal("tool"),
  tool: hash,
  call: hash,
  shape: hash,
  result: hash,
  failure: hash.nullable(),
  outcome: outcomeClassSchema,
  blank: z.boolean(),
  ack: z.boolean(),
  waiting: z.boolean(),
  lies: z.boolean(),
  polls: z.boolean().nullable(),
  mutates: z.boolean().nullable(),
  asks: z.enum(["query", "prose"]).nullable(),
  misuse: z.enum(["unknown-tool", "bad-arguments"]).nullable(),
  argumentWords: hashes(16),
  argumentEntities: hashes(12),
  content: hashes(48),
  gist: gist.nullable().default(null),
  nameWords: hashes(4),
  /** Record ids that the arguments name: each with its neighbours in a series, three hashes. */
  ids: hashes(18),
  act: act.nullable(),
  ...heard,
});

export const modelFingerprintSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal("model"),
  text: hash,
  words: hashes(24),
  entities: hashes(12),
  content: hashes(40),
  toolCalls: z.number().int().nonnegative().max(1024),
  userText: hash,
  userContent: hashes(40),
  claimWords: hashes(24),
  act: act.nullable(),
  ...heard,
});

/** What detection knows of an ended step, computed where it ran. */
export const stepFingerprintSchema = z.discriminatedUnion("kind", [
  toolFingerprintSchema,
  modelFingerprintSchema,
]);
export type StepFingerprint = z.infer<typeof stepFingerprintSchema>;
export type ToolFingerprint = z.infer<typeof toolFingerprintSchema>;
export type ModelFingerprint = z.infer<typeof modelFingerprintSchema>;

/** What detection knows of a goal. */
export const goalFingerprintSchema = z.strictObject({
  version: z.literal(1),
  words: hashes(64),
  entities: hashes(32),
  waits: z.boolean(),
  ...heard,
});
export type GoalFingerprint = z.infer<typeof goalFingerprintSchema>;
