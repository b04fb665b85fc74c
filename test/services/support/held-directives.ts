import { controlPath, pollResponseSchema, type Directive } from "@plumbline/contracts";

/**
 * The directives that a gateway gives for some runs; a run that it has none for is not among them.
 * @throws when the gateway is not there or does not answer yet
 */
export async function directivesAt(
  gatewayUrl: string,
  runIds: readonly string[],
): Promise<Map<string, Directive>> {
  const response = await fetch(`${gatewayUrl}${controlPath.poll}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ runs: Object.fromEntries(runIds.map((runId) => [runId, 0])), waitMs: 0 }),
  });
  const { directives } = pollResponseSchema.parse(await response.json());
  const parsed = directives.map(({ payload }) => JSON.parse(payload) as Directive);
  return new Map(parsed.map((directive) => [directive.runId, directive]));
}

/** The directive that a gateway gives for a run; undefined while it has none or is not there. */
export async function directiveAt(gatewayUrl: string, runId: string): Promise<Directive | undefined> {
  try {
    return (await directivesAt(gatewayUrl, [runId])).get(runId);
  } catch {
    return undefined;
  }
}
