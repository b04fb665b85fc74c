import { controlPath, pollResponseSchema, type Directive } from "@plumbline/contracts";

/** The directive that a gateway gives for a run; undefined while it has none or is not there. */
export async function directiveAt(gatewayUrl: string, runId: string): Promise<Directive | undefined> {
  try {
    const response = await fetch(`${gatewayUrl}${controlPath.poll}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ runs: { [runId]: 0 }, waitMs: 0 }),
    });
    if (response.status !== 200) return undefined;
    const { directives } = pollResponseSchema.parse(await response.json());
    return directives[0] === undefined ? undefined : (JSON.parse(directives[0].payload) as Directive);
  } catch {
    return undefined;
  }
}
