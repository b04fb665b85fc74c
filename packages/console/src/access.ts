import {
  type AccessRole,
  type AccessToken,
  type Caller,
  RejectedError,
  type RequestOrigin,
  changeHeader,
  findCaller,
  hasRole,
  isLocalRequest,
} from "@plumbline/contracts";

/** Who a request without a token is, when it comes from this machine and no tokens are configured. */
export const localCaller: Caller = { name: "local", tenantId: "", roles: ["admin"] };

export interface AccessRequest extends RequestOrigin {
  authorization: string | undefined;
}

function callerOf(tokens: readonly AccessToken[], request: AccessRequest): Caller {
  if (tokens.length > 0) {
    const caller = findCaller(tokens, request.authorization);
    if (caller !== undefined) return caller;
    throw new RejectedError("The request carries no valid token.", {
      code: "UNAUTHENTICATED",
      mend: "Send a configured token as 'Authorization: Bearer …'.",
    });
  }
  if (isLocalRequest(request)) return localCaller;
  throw new RejectedError("Without configured tokens only this machine is served.", {
    code: "FORBIDDEN",
    mend: "Configure tokens, or ask on localhost.",
  });
}

/**
 * The caller, if it may do this.
 * @throws RejectedError `UNAUTHENTICATED` or `FORBIDDEN`
 */
export function admit(tokens: readonly AccessToken[], request: AccessRequest, role: AccessRole): Caller {
  const caller = callerOf(tokens, request);
  if (hasRole(caller, role)) return caller;
  throw new RejectedError(`"${caller.name}" does not have the role ${role}.`, {
    code: "FORBIDDEN",
    mend: `Use a token with the role ${role}.`,
  });
}

/** @throws RejectedError when a change lacks the header that a page elsewhere can't send */
export function requireChangeHeader(value: string | undefined): void {
  if (value === "1") return;
  throw new RejectedError("A change needs a header of its own.", {
    code: "CHANGE_HEADER_MISSING",
    mend: `Send '${changeHeader}: 1'.`,
  });
}

/** Whose rows the caller's SQL sees: those of its tenant where there are several, else all (undefined). */
export function sqlTenant(tokens: readonly AccessToken[], { tenantId }: Caller): string | undefined {
  return new Set(tokens.map((token) => token.tenantId)).size > 1 ? tenantId : undefined;
}
