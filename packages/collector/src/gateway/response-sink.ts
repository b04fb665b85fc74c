import type { HttpBindings } from "@hono/node-server";
import type { EventSink } from "./directive-stream.ts";

export interface ResponseSink {
  sink: EventSink;
  readonly onDrain: (listener: () => void) => void;
  readonly onClose: (listener: () => void) => void;
}

/** A response as a sink of events; its head goes out with the first write. */
export function responseSink(outgoing: HttpBindings["outgoing"]): ResponseSink {
  outgoing.on("error", () => undefined);
  const begin = (): void => {
    if (outgoing.headersSent) return;
    outgoing.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
  };
  return {
    sink: {
      write(text) {
        if (outgoing.destroyed || outgoing.writableEnded) return true;
        begin();
        return outgoing.write(text);
      },
      end: () => void outgoing.end(),
      destroy: () => void outgoing.destroy(),
    },
    onDrain: (listener) => void outgoing.on("drain", listener),
    onClose: (listener) => void outgoing.once("close", listener),
  };
}
