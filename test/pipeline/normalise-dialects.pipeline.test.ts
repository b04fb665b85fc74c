import { fileURLToPath } from "node:url";
import { dialectsPage } from "@plumbline/analyzer";
import { expect, test } from "vitest";

const page = fileURLToPath(new URL("../../docs/dialects.md", import.meta.url));

test("the page of dialects says what the code does; `npx vitest run --project pipeline dialects -u` rewrites it", async () => {
  await expect(dialectsPage()).toMatchFileSnapshot(page);
});
