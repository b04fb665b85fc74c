import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { AccessRequest } from "../access.ts";

/** The environment of the Hono application: Node's own request and response. */
export interface ServerEnvironment {
  Bindings: HttpBindings;
}

export type ServerContext = Context<ServerEnvironment>;

/** What access is decided on. */
export function accessRequestOf(context: ServerContext): AccessRequest {
  const { incoming } = context.env;
  return {
    peerAddress: incoming.socket.remoteAddress,
    host: incoming.headers.host,
    origin: incoming.headers.origin,
    authorization: incoming.headers.authorization,
  };
}
