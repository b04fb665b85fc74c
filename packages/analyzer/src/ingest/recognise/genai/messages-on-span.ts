import { genAi, type Message, type OtlpSpan } from "@plumbline/contracts";
import { readInstructions, readMessages, readOutput } from "../messages/read-messages.ts";
import { messagesOfEvents } from "./message-events.ts";

export interface SpanMessages {
  systemInstructions?: string | undefined;
  input?: Message[] | undefined;
  output?: Message[] | undefined;
}

const detailsEvent = "gen_ai.client.inference.operation.details";

function readFrom(attributes: OtlpSpan["attributes"]): SpanMessages {
  return {
    systemInstructions: readInstructions(attributes[genAi.systemInstructions]),
    input: readMessages(attributes[genAi.inputMessages]),
    output: readOutput(attributes[genAi.outputMessages]),
  };
}

/** Content of a GenAI span: attributes, else a details event on the span, else the message events of conventions up to 1.36. */
export function messagesOnSpan(span: OtlpSpan): SpanMessages {
  const own = readFrom(span.attributes);
  if (span.events.length === 0 || (own.input !== undefined && own.output !== undefined)) return own;
  const merged = definedOf(own);
  for (const event of span.events) {
    if (event.name === detailsEvent) Object.assign(merged, definedOf(readFrom(event.attributes)));
  }
  const events = messagesOfEvents(span.events);
  return {
    systemInstructions: merged.systemInstructions,
    input: merged.input ?? events.input,
    output: merged.output ?? events.output,
  };
}

function definedOf(messages: SpanMessages): SpanMessages {
  return Object.fromEntries(Object.entries(messages).filter(([, value]) => value !== undefined));
}
