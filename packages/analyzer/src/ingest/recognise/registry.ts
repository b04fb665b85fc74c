import type { Dialect } from "./dialect.ts";
import { genAiDialect } from "./genai/genai.ts";
import { plumblineDialect } from "./plumbline/plumbline.ts";

/** All dialects, in the order in which they are asked; the first that knows a record reads it. */
export const dialects: readonly Dialect[] = [plumblineDialect, genAiDialect];
