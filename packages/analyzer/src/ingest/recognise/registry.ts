import { claudeCodeDialect } from "./claude-code/claude-code.ts";
import { codexDialect } from "./codex/codex.ts";
import type { Dialect } from "./dialect.ts";
import { geminiCliDialect } from "./gemini-cli/gemini-cli.ts";
import { genAiDialect } from "./genai/genai.ts";
import { genkitDialect } from "./genkit/genkit.ts";
import { googleAdkDialect } from "./google-adk/google-adk.ts";
import { langfuseDialect } from "./langfuse/langfuse.ts";
import { langsmithDialect } from "./langsmith/langsmith.ts";
import { logfireDialect } from "./logfire/logfire.ts";
import { mastraDialect } from "./mastra/mastra.ts";
import { mcpDialect } from "./mcp/mcp.ts";
import { openInferenceDialect } from "./openinference/openinference.ts";
import { openLlmetryDialect } from "./openllmetry/openllmetry.ts";
import { plumblineDialect } from "./plumbline/plumbline.ts";
import { strandsDialect } from "./strands/strands.ts";
import { vercelAiDialect } from "./vercel-ai/vercel-ai.ts";
import { voltAgentDialect } from "./voltagent/voltagent.ts";

/** All dialects, in the order in which they are asked; the first that knows a record reads it. */
export const dialects: readonly Dialect[] = [
  plumblineDialect,
  openInferenceDialect,
  langfuseDialect,
  vercelAiDialect,
  mastraDialect,
  genkitDialect,
  langsmithDialect,
  claudeCodeDialect,
  voltAgentDialect,
  googleAdkDialect,
  codexDialect,
  logfireDialect,
  strandsDialect,
  geminiCliDialect,
  genAiDialect,
  openLlmetryDialect,
  mcpDialect,
];
