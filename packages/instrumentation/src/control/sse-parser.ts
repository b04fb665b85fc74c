/** One dispatched event of a `text/event-stream`. */
export interface SseEvent {
  event: string;
  data: string;
  /** Last event id in force when it was dispatched; empty when there was none. */
  id: string;
}

export interface SseParser {
  /** Takes the next piece of text, cut anywhere. */
  push(text: string): SseEvent[];
}

/** Longest line or event that is held; a server that sends more is not ours. */
const maxCharacters = 4_194_304;

interface ParserState {
  rest: string;
  event: string;
  data: string[];
  id: string;
}

function takeField(state: ParserState, line: string): void {
  const colon = line.indexOf(":");
  const field = colon < 0 ? line : line.slice(0, colon);
  const raw = colon < 0 ? "" : line.slice(colon + 1);
  const value = raw.startsWith(" ") ? raw.slice(1) : raw;
  if (field === "event") state.event = value;
  else if (field === "data") state.data.push(value);
  else if (field === "id" && !value.includes("\0")) state.id = value;
}

function dispatch(state: ParserState): SseEvent | undefined {
  const { event, data, id } = state;
  state.event = "";
  state.data = [];
  return data.length === 0
    ? undefined
    : { event: event === "" ? "message" : event, data: data.join("\n"), id };
}

/** A parser of server-sent events as the HTML standard describes them; comments are dropped. */
export function createSseParser(): SseParser {
  const state: ParserState = { rest: "", event: "", data: [], id: "" };
  return {
    push(text) {
      const whole = state.rest + text;
      // A carriage return at the very end may be the first half of a line break.
      const ready = whole.endsWith("\r") ? whole.slice(0, -1) : whole;
      const lines = ready.split(/\r\n|\n|\r/u);
      state.rest = (lines.pop() ?? "") + whole.slice(ready.length);
      if (state.rest.length > maxCharacters) throw new Error("A line of the control stream is too long.");
      const events: SseEvent[] = [];
      for (const line of lines) {
        if (line === "") {
          const event = dispatch(state);
          if (event !== undefined) events.push(event);
        } else if (!line.startsWith(":")) takeField(state, line);
      }
      return events;
    },
  };
}
