import { dialects } from "./registry.ts";

const orNone = (text: string): string => (text === "" ? "–" : text);

/** All dialects as a page in Markdown, in the order in which they are asked. */
export function dialectsPage(): string {
  const rows = dialects.map(({ name, summary }) => {
    const { captured, fromSource, recognisedBy, reads } = summary;
    return `| \`${name}\` | ${recognisedBy} | ${reads} | ${orNone(captured)} | ${orNone(fromSource)} |`;
  });
  return `# Dialects of agent telemetry

Plumbline reads what an agent's instrumentation already sends, by OTLP, as spans and as log records. Each span and each
record is offered to the dialects below, from top to bottom; the first that knows it reads it. A span that none knows is
stored and shown, and is no step. What is common to all: errors (span status, \`error.type\`, exception events of tools),
conversation ids, and \`plumbline.run.id\` where a span carries it.

"Verified" means checked against telemetry captured from the real packages; "from source" means that only the package's
source was read: such readings are experimental.

| dialect | recognised by | reads | verified on | from source |
|---|---|---|---|---|
${rows.join("\n")}

This page is made from the code (\`packages/analyzer/src/ingest/recognise\`); a test keeps it current.
`;
}
