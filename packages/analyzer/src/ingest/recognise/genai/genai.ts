import type { Dialect } from "../dialect.ts";
import { readGenAiLog } from "./read-genai-log.ts";
import { readGenAiSpan } from "./read-genai-span.ts";

/** OpenTelemetry GenAI conventions: current ones, and those up to 1.36 with message events as logs or span events. */
export const genAiDialect: Dialect = {
  name: "genai",
  summary: {
    captured:
      "OpenTelemetry openai (JavaScript, Python), OpenTelemetry GenAI utilities (Python: OpenAI, Anthropic, OpenAI Agents), AI SDK 7, Anthropic SDK, OpenLLMetry (JavaScript from 0.27, Python: OpenAI, Anthropic, OpenAI Agents), OpenLIT, Pydantic AI (instrumentation 2 and 5), Microsoft Agent Framework (chat, responses), AutoGen, LiteLLM, Semantic Kernel (Python)",
    fromSource: "",
    recognisedBy:
      "`gen_ai.operation.name`; log events `gen_ai.*.message`, `gen_ai.choice`, `gen_ai.client.inference.operation.details`",
    reads:
      "`gen_ai.input.messages`, `gen_ai.output.messages`, `gen_ai.system_instructions`, `gen_ai.tool.*`, `gen_ai.usage.*`, `gen_ai.response.*`, `gen_ai.conversation.id`",
  },
  readSpan: readGenAiSpan,
  readLog: readGenAiLog,
};
