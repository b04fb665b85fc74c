import type { Dialect } from "../dialect.ts";
import { readGenAiLog } from "./read-genai-log.ts";
import { readGenAiSpan } from "./read-genai-span.ts";

/** OpenTelemetry GenAI conventions: current ones, and those up to 1.36 with message events as logs or span events. */
export const genAiDialect: Dialect = {
  name: "genai",
  verification: "captured",
  summary: {
    recognisedBy:
      "`gen_ai.operation.name`; log events `gen_ai.*.message`, `gen_ai.choice`, `gen_ai.client.inference.operation.details`",
    reads:
      "`gen_ai.input.messages`, `gen_ai.output.messages`, `gen_ai.system_instructions`, `gen_ai.tool.*`, `gen_ai.usage.*`, `gen_ai.response.*`, `gen_ai.conversation.id`",
  },
  readSpan: readGenAiSpan,
  readLog: readGenAiLog,
};
