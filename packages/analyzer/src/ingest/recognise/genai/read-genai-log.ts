import { genAi, type OtlpLogRecord, plumblineAttribute } from "@plumbline/contracts";
import { isRecord, textOf } from "../attribute-access.ts";
import type { LogReading } from "../dialect.ts";
import { readInstructions, readMessages, readOutput } from "../messages/read-messages.ts";
import type { ObservationContent } from "../observation-content.ts";
import { readMessageEvent } from "./message-events.ts";

const detailsEvent = "gen_ai.client.inference.operation.details";

/**
 * The event's name: a field of the record since 1.5 of the protocol, an attribute before. Some loggers fill the field with
 * the place in the source; who sets the attribute as well means that.
 */
export function eventNameOf(record: OtlpLogRecord): string {
  return textOf(record.attributes, "event.name") ?? record.eventName;
}

function readDetails(record: OtlpLogRecord): LogReading | undefined {
  const source = isRecord(record.body) ? { ...record.attributes, ...record.body } : record.attributes;
  const instructions = readInstructions(source[genAi.systemInstructions]);
  const input = readMessages(source[genAi.inputMessages]);
  const output = readOutput(source[genAi.outputMessages]);
  const system =
    instructions === undefined
      ? []
      : [{ role: "system", parts: [{ type: "text" as const, content: instructions }] }];
  const contents: ObservationContent[] = [];
  if (input !== undefined)
    contents.push({
      kind: "message-content",
      direction: "input",
      messages: [...system, ...input],
      finishReasons: [],
    });
  if (output !== undefined)
    contents.push({ kind: "message-content", direction: "output", messages: output, finishReasons: [] });
  return contents.length === 0 ? undefined : { contents };
}

/** A log record that carries content of a model call; undefined for any other. */
export function readGenAiLog(record: OtlpLogRecord): LogReading | undefined {
  if (record.spanId === "") return undefined;
  const name = eventNameOf(record);
  const identification = {
    agentName: textOf(record.attributes, genAi.agentName),
    runId: textOf(record.attributes, plumblineAttribute.runId),
  };
  if (name === detailsEvent) {
    const details = readDetails(record);
    return details === undefined ? undefined : { ...details, ...identification };
  }
  const message = readMessageEvent(name, record.body ?? record.attributes);
  if (message === undefined) return undefined;
  const content: ObservationContent = { kind: "message-content", ...message };
  return {
    contents: [content],
    ...identification,
  };
}
