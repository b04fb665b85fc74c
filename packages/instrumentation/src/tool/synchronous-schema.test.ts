import { expect, it } from "vitest";
import { z } from "zod";
import { isSynchronous } from "./synchronous-schema.ts";

const tree = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

it.each([
  [
    "an object",
    z.object({ id: z.string().min(1).trim(), at: z.iso.datetime().optional(), n: z.int().max(3) }),
  ],
  ["a list in a union", z.union([z.array(z.enum(["a", "b"])), z.literal(3).nullable()])],
  ["a record with a default", z.record(z.string(), z.email()).default({})],
  ["a strict object", z.strictObject({ a: z.tuple([z.string()], z.number()) }).readonly()],
  ["a message of its own", z.string({ error: () => "no" })],
  ["a schema that holds itself", tree],
])("waits for nothing: %s", (_, schema) => {
  expect(isSynchronous(schema)).toBe(true);
});

it.each([
  ["a refinement", z.object({ id: z.string().refine((id) => Promise.resolve(id !== "")) })],
  ["a refinement of the whole", z.object({}).superRefine(() => undefined)],
  ["a transformation", z.array(z.string().transform((text) => Promise.resolve(text)))],
  ["a preparation", z.preprocess((raw) => raw, z.string())],
  [
    "a check deep down",
    z.union([
      z.string(),
      z.record(
        z.string(),
        z.number().check(() => undefined),
      ),
    ]),
  ],
  ["a lazy schema", z.object({ inner: z.lazy(() => z.string()) })],
  ["a catch", z.string().catch(() => "x")],
])("may have to wait: %s", (_, schema) => {
  expect(isSynchronous(schema)).toBe(false);
});
