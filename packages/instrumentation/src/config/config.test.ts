import { describe, expect, it } from "vitest";
import { resolveSettings } from "./config.ts";
import { settingsFromEnvironment } from "./config-from-environment.ts";

const resolve = (environment: Record<string, string>, given = {}) =>
  resolveSettings(settingsFromEnvironment(environment), given);

describe("the settings", () => {
  it("have defaults for everything", () => {
    expect(resolve({})).toMatchObject({
      endpoint: "http://127.0.0.1:4318",
      tenantId: "",
      content: "redacted",
      guards: "on",
      onPause: "wait",
    });
  });

  it("come from PLUMBLINE_* before OTEL_*, and from the application before both", () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318",
      PLUMBLINE_ENDPOINT: "http://plumbline:4318",
      OTEL_SERVICE_NAME: "shop",
    };
    expect(resolve(environment)).toMatchObject({ endpoint: "http://plumbline:4318", service: "shop" });
    expect(resolve(environment, { endpoint: "http://app:1", token: undefined })).toMatchObject({
      endpoint: "http://app:1",
    });
    expect(resolve({ OTEL_RESOURCE_ATTRIBUTES: "a=b,service.name=till" }).service).toBe("till");
  });

  it("take the headers of a Collector as OpenTelemetry writes them", () => {
    const text = "plumbline-principal=shop%20agents, Authorization=Basic YTpi==,=nothing";
    expect(resolve({ OTEL_EXPORTER_OTLP_HEADERS: text }).headers).toEqual({
      "plumbline-principal": "shop agents",
      authorization: "Basic YTpi==",
    });
  });

  it("read public keys from the variable itself", () => {
    const keys = [{ keyId: "k", publicKeyPem: "pem" }];
    expect(resolve({ PLUMBLINE_CONTROL_KEYS: JSON.stringify({ version: 1, keys }) }).trustedKeys).toEqual(
      keys,
    );
    expect(() => resolve({ PLUMBLINE_CONTROL_KEYS: "/no/such/file" })).toThrow("PLUMBLINE_CONTROL_KEYS");
  });

  it.each([
    [{ PLUMBLINE_ENDPOINT: "not a url" }, {}, "endpoint"],
    [{ PLUMBLINE_CONTENT: "some" }, {}, "content"],
    [{ PLUMBLINE_HEARTBEAT_MS: "often" }, {}, "heartbeatMs"],
    [{}, { endpont: "http://x" }, "endpont"],
    [{}, { redactor: "no function" }, "redactor"],
  ])("that are wrong are refused by name: %j %j", (environment, given, name) => {
    expect(() => resolve(environment as Record<string, string>, given)).toThrow(name);
  });
});
