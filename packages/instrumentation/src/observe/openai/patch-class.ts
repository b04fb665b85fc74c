import type { Runtime } from "../../runtime.ts";
import { isClientShape } from "./client-shape.ts";
import { patchClient } from "./patch-client.ts";
import { patchHelpers } from "./patch-helpers.ts";

/** The class of the package, as far as its resources hang on it. */
interface ClientClass {
  prototype?: unknown;
  Chat?: { Completions?: { prototype?: unknown } };
  Responses?: { prototype?: unknown };
}

const isClass = (value: unknown): value is ClientClass => typeof value === "function";

/** Puts every client of a loaded `openai` package under supervision; anything else is left alone. */
export function patchClientClass(value: unknown, runtimeOf: () => Runtime): void {
  if (!isClass(value) || !isClientShape(value.prototype)) return;
  patchClient(value.prototype, runtimeOf);
  patchHelpers(value.Chat?.Completions?.prototype, runtimeOf);
  patchHelpers(value.Responses?.prototype, runtimeOf);
}
