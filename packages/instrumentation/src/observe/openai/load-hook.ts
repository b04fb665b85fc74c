import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const clientFile = /\/client\.m?js$/u;
const hookKey = Symbol.for("plumbline.openai.loaded");
const call = `\n;globalThis[Symbol.for("plumbline.openai.loaded")]?.(OpenAI);\n`;

/** True for the file of the `openai` package that defines its class, whatever the package is installed as. */
function definesTheClient(url: string): boolean {
  if (!url.startsWith("file:") || !clientFile.test(url)) return false;
  try {
    const manifest = JSON.parse(readFileSync(new URL("./package.json", url), "utf8")) as { name?: unknown };
    return manifest.name === "openai";
  } catch {
    return false;
  }
}

function asText(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  return source instanceof Uint8Array ? Buffer.from(source).toString("utf8") : undefined;
}

/**
 * Calls back with the class of each copy of the `openai` package that is loaded from now on, as an ES module or by
 * `require`. The file itself says so: one line is appended to it while it is loaded.
 */
export function onOpenAILoaded(loaded: (clientClass: unknown) => void): void {
  Object.defineProperty(globalThis, hookKey, { value: loaded, configurable: true });
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context);
      if (!definesTheClient(url)) return result;
      const source = asText(result.source) ?? readFileSync(new URL(url), "utf8");
      return { ...result, source: source + call };
    },
  });
}
