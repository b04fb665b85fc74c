import {
  type ScriptedAnswer,
  type ScriptedRequest,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import { stuckCall } from "../stuck-call.ts";

/*
 * The model server of the benchmarks, in a process of its own. The requested model's name says how it behaves:
 * `stuck-<delay>` asks for the same tool call for ever, `hang` opens a stream and goes silent, anything else answers at once.
 */

const plainAnswer = "The order was refunded, and the customer got an e-mail that says so. ".repeat(4).trim();

function answerOf({ model }: ScriptedRequest): ScriptedAnswer {
  const [kind = "", delay] = model.split("-", 2);
  switch (kind) {
    case "stuck":
      return { toolCalls: [stuckCall], delayMs: Number(delay) };
    case "hang":
      return { text: plainAnswer, hangAfterChunks: 3 };
    default:
      return { text: plainAnswer, usage: { inputTokens: 320, outputTokens: 40 } };
  }
}

const server = await startScriptedModel({ answer: answerOf });
process.send?.({ baseUrl: server.baseUrl });
process.once("disconnect", () => void server.close());
