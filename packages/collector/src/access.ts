import {
  type AccessRole,
  type AccessToken,
  type Caller,
  RejectedError,
  type RequestOrigin,
  findCaller,
  hasRole,
  isLocalRequest,
} from "@plumbline/contracts";

/** Who a request without a token is, when it comes from this machine and no tokens are configured. */
export const localCaller: Caller = { name: "local", tenantId: "", roles: ["agent"] };

export interface AccessRequest extends RequestOrigin {
  authorization: string | undefined;
}

/** Says who may do what. */
export interface AccessControl {
  /** @throws RejectedError `UNAUTHENTICATED` or `FORBIDDEN` */
  admit(request: AccessRequest, role: AccessRole): Caller;
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
    mend: "Configure tokens, or send to localhost.",
  });
}

export function createAccessControl(tokens: readonly AccessToken[]): AccessControl {
  return {
    admit(request, role) {
      const caller = callerOf(tokens, request);
      if (hasRole(caller, role)) return caller;
      throw new RejectedError(`The token "${caller.name}" does not have the role ${role}.`, {
        code: "FORBIDDEN",
        mend: `Use a token with the role ${role}.`,
      });
    },
  };
}
