// Every tool call is checked, bounded and answered in words that the model can act on.
//   node examples/guide/tools.ts
import { supervise } from "@plumbline/instrumentation";
import { z } from "zod";

await supervise({ name: "shop", goal: "Find a shirt" }, async (run) => {
  run.tool({
    name: "find_shirts",
    parameters: z.object({ size: z.enum(["s", "m", "l"]), limit: z.number().int().max(50) }),
    timeoutMs: 50,
    retry: false,
    maxResultCharacters: 40,
    execute({ size, limit }, { signal }) {
      if (limit > 40)
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        );
      return Array.from({ length: limit }, (_, index) => `${size}-${String(index)}`).join(" ");
    },
  });
  const ask = async (name: string, input: unknown): Promise<void> => {
    const [answer] = await run.execute([{ id: "c", function: { name, arguments: JSON.stringify(input) } }]);
    console.log(answer?.content);
    console.log("--");
  };
  await ask("find_shirt", {});
  await ask("find_shirts", { size: "xl", limit: 5 });
  await ask("find_shirts", { size: "m", limit: 5 });
  await ask("find_shirts", { size: "m", limit: 30 });
  await ask("find_shirts", { size: "m", limit: 50 });
});

// Prints:
//   Error: There is no tool "find_shirt". Available: find_shirts.
//   --
//   Error: The arguments of find_shirts don't fit its parameters.
//   ✖ Invalid option: expected one of "s"|"m"|"l"
//     → at size
//   size may be: {"type":"string","enum":["s","m","l"]}
//   --
//   m-0 m-1 m-2 m-3 m-4
//   --
//   m-0 m-1 m-2 m-3 m-4 m-5 m-6 m-
//   … [99 of 139 characters cut here; ask for a smaller part to see them] …
//    m-28 m-29
//   --
//   Error: find_shirts took longer than 50 ms.
//   --
