import { describe, expect, it } from "vitest";
import {
  accessTokenSchema,
  findCaller,
  hasRole,
  isLocalRequest,
  isLoopbackAddress,
  isLoopbackHost,
} from "./access.ts";

const tokens = [
  accessTokenSchema.parse({
    name: "ana",
    token: "a-secret-of-ana-1234",
    tenantId: "shop",
    roles: ["operator"],
  }),
  accessTokenSchema.parse({ name: "bot", token: "a-secret-of-bot-1234", roles: ["agent"] }),
];

describe("findCaller", () => {
  it("finds the caller with tenant and roles by its bearer token", () => {
    expect(findCaller(tokens, "Bearer a-secret-of-ana-1234")).toEqual({
      name: "ana",
      tenantId: "shop",
      roles: ["operator"],
    });
    expect(findCaller(tokens, "bearer  a-secret-of-bot-1234")?.tenantId).toBe("");
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer wrong",
    "Basic a-secret-of-ana-1234",
    "Bearer a-secret-of-ana-1234 x",
  ])("finds nobody behind %s", (header) => {
    expect(findCaller(tokens, header)).toBeUndefined();
  });
});

describe("hasRole", () => {
  it("includes the lower roles and no others", () => {
    const caller = { name: "ana", tenantId: "", roles: ["operator"] as const };
    expect(hasRole(caller, "viewer")).toBe(true);
    expect(hasRole(caller, "admin")).toBe(false);
    expect(hasRole({ ...caller, roles: ["agent"] }, "telemetry")).toBe(true);
    expect(hasRole({ ...caller, roles: ["admin"] }, "agent")).toBe(false);
  });
});

describe("isLocalRequest", () => {
  it.each(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])("knows %s as loopback", (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });

  it.each(["10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1.example", undefined])(
    "does not take %s for loopback",
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false);
    },
  );

  it.each(["localhost", "localhost:4318", "LOCALHOST:1", "[::1]:4318", "127.0.0.1:4318", "x.localhost"])(
    "knows the host %s",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  it("refuses a foreign peer, a rebound host name and a foreign page", () => {
    const local = { peerAddress: "127.0.0.1", host: "localhost:4320", origin: undefined };
    expect(isLocalRequest(local)).toBe(true);
    expect(isLocalRequest({ ...local, origin: "http://localhost:5173" })).toBe(true);
    expect(isLocalRequest({ ...local, peerAddress: "10.1.1.1" })).toBe(false);
    expect(isLocalRequest({ ...local, host: "evil.example:4320" })).toBe(false);
    expect(isLocalRequest({ ...local, host: undefined })).toBe(false);
    expect(isLocalRequest({ ...local, origin: "https://evil.example" })).toBe(false);
    expect(isLocalRequest({ ...local, origin: "null" })).toBe(false);
  });
});
