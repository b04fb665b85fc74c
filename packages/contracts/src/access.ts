import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { idSchema, tenantIdSchema } from "./identifiers.ts";

/** What a token allows. `agent` includes `telemetry`; `admin` includes `operator`, which includes `viewer`. */
export const accessRoles = ["telemetry", "agent", "viewer", "operator", "admin"] as const;
export type AccessRole = (typeof accessRoles)[number];

/** One bearer token of the configuration. */
export const accessTokenSchema = z.strictObject({
  /** Shown in `issuedBy` and sent along as the principal; never secret. */
  name: idSchema,
  token: z.string().min(16, "A token has at least 16 characters"),
  tenantId: tenantIdSchema.default(""),
  roles: z.array(z.enum(accessRoles)).min(1),
});
export type AccessToken = z.infer<typeof accessTokenSchema>;

/** Who is asking. */
export interface Caller {
  name: string;
  tenantId: string;
  roles: readonly AccessRole[];
}

/** Where a request came from, as the server saw it. */
export interface RequestOrigin {
  peerAddress: string | undefined;
  host: string | undefined;
  /** The `Origin` header; only browsers send one. */
  origin: string | undefined;
}

const includedRoles: Record<AccessRole, readonly AccessRole[]> = {
  telemetry: [],
  agent: ["telemetry"],
  viewer: [],
  operator: ["viewer"],
  admin: ["operator", "viewer"],
};

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The caller behind an `Authorization` header. Takes equally long whichever token it is, or none. */
export function findCaller(
  tokens: readonly AccessToken[],
  authorization: string | undefined,
): Caller | undefined {
  const given = digestOf(/^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? "");
  let found: AccessToken | undefined;
  for (const candidate of tokens) {
    if (timingSafeEqual(digestOf(candidate.token), given)) found = candidate;
  }
  return found === undefined ? undefined : { name: found.name, tenantId: found.tenantId, roles: found.roles };
}

export function hasRole(caller: Caller, role: AccessRole): boolean {
  return caller.roles.some((held) => held === role || includedRoles[held].includes(role));
}

/** 127.0.0.0/8, ::1, and the former mapped into IPv6. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address);
}

/** Whether a `Host` header (with or without port) names this machine; a page elsewhere that resolves to it does not. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? "").replace(/:\d+$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || isLoopbackAddress(name);
}

/** Whether a request without a token may be served: from this machine, addressed to it, and by no foreign page. */
export function isLocalRequest(request: RequestOrigin): boolean {
  if (!isLoopbackAddress(request.peerAddress) || !isLoopbackHost(request.host)) return false;
  if (request.origin === undefined) return true;
  const authority = /^https?:\/\/([^/]+)$/i.exec(request.origin)?.[1];
  return authority !== undefined && isLoopbackHost(authority);
}
