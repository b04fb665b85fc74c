import { describe, expect, it } from "vitest";
import { loadSettings } from "./load-settings.ts";

const load = (environment: Record<string, string>, flags: Record<string, unknown> = {}) =>
  loadSettings({ file: undefined, environment: { PLUMBLINE_DATA_DIR: "/data", ...environment }, flags });

describe("settings", () => {
  it("have a default for everything but where to keep data", async () => {
    expect(await load({})).toMatchObject({
      profile: "guard",
      bus: "sqlite",
      store: "chdb",
      listen: { otlpHttpPort: 4318 },
    });
  });

  it("take the command line over the environment", async () => {
    expect((await load({ PLUMBLINE_PROFILE: "observe" }, { profile: "enforce" })).profile).toBe("enforce");
    expect((await load({ PLUMBLINE_PROFILE: "observe" }, { profile: undefined })).profile).toBe("observe");
  });

  it("read ports as numbers and refuse what is none", async () => {
    expect((await load({ PLUMBLINE_API_PORT: "5000" })).listen.apiPort).toBe(5000);
    await expect(load({ PLUMBLINE_API_PORT: "many" })).rejects.toThrow("listen.apiPort");
  });

  it("refuse a key that nothing reads, by name", async () => {
    await expect(load({}, { budgett: 3 })).rejects.toThrow("budgett");
  });

  it("name a file that is not there", async () => {
    await expect(loadSettings({ file: "/nowhere.yaml", environment: {}, flags: {} })).rejects.toThrow(
      "/nowhere.yaml",
    );
  });
});

describe("settings of Kafka", () => {
  const kafka = { PLUMBLINE_BUS: "kafkas://a.example:9093,[::1]:9093" };
  const login = {
    PLUMBLINE_KAFKA_SASL_MECHANISM: "scram-sha-512",
    PLUMBLINE_KAFKA_SASL_USERNAME: "plumbline",
  };
  const secret = { PLUMBLINE_KAFKA_SASL_PASSWORD: "not-to-be-shown" };

  it("come from the environment, secrets by value or by file", async () => {
    const byValue = await load({ ...kafka, ...login, ...secret, PLUMBLINE_KAFKA_TLS_CA_FILE: "/ca.pem" });
    expect(byValue.kafka.tls).toEqual({ caFile: "/ca.pem", certificateFile: null, keyFile: null });
    expect(byValue.kafka.sasl).toMatchObject({ mechanism: "scram-sha-512", password: "not-to-be-shown" });
    const byFile = await load({
      ...kafka,
      ...login,
      PLUMBLINE_KAFKA_SASL_PASSWORD_FILE: "/run/secrets/kafka",
    });
    expect(byFile.kafka.sasl).toMatchObject({ password: null, passwordFile: "/run/secrets/kafka" });
  });

  it.each([
    ["a broker without a port", { PLUMBLINE_BUS: "kafka://a.example" }, "bus: Either sqlite, kafka://"],
    ["a list with a gap", { PLUMBLINE_BUS: "kafka://a:9092,,b:9092" }, "bus: Either sqlite, kafka://"],
    ["no password", { ...kafka, ...login }, "kafka.sasl: Give either password or passwordFile"],
    [
      "two passwords",
      { ...kafka, ...login, ...secret, PLUMBLINE_KAFKA_SASL_PASSWORD_FILE: "/f" },
      "kafka.sasl: Give either password or passwordFile",
    ],
    ["a password of nobody", { ...kafka, ...secret }, "kafka.sasl.username: The name to log in with"],
    [
      "an unknown mechanism",
      { ...kafka, ...login, ...secret, PLUMBLINE_KAFKA_SASL_MECHANISM: "md5" },
      "scram-sha-256",
    ],
    [
      "a certificate without its key",
      { ...kafka, PLUMBLINE_KAFKA_TLS_CERTIFICATE_FILE: "/c.pem" },
      "go together",
    ],
    [
      "TLS files without TLS",
      { PLUMBLINE_BUS: "kafka://a:9092", PLUMBLINE_KAFKA_TLS_CA_FILE: "/ca.pem" },
      "kafka.tls: Nothing reads it without TLS",
    ],
    ["a login without Kafka", { ...login, ...secret }, "kafka: Nothing reads it while bus is sqlite"],
  ])("are refused with %s, without showing a secret", async (_what, environment, message) => {
    const refusal = load(environment);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.not.toThrow("not-to-be-shown");
  });
});
