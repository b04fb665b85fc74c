import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { kafkaSecurity } from "./kafka-security.ts";

const folder = mkdtempSync(join(tmpdir(), "plumbline-secrets-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const noFiles = { caFile: null, certificateFile: null, keyFile: null };
const login = { mechanism: "scram-sha-256" as const, username: "plumbline", password: null };
const address = { brokers: ["a:9093"], isTls: true };

describe("what the Kafka client is told of TLS and SASL", () => {
  it("is what stands in the files, a password without its last line break", async () => {
    const tls = { ...noFiles, caFile: fileOf("ca.pem", "CA") };
    const sasl = { ...login, passwordFile: fileOf("password", " two words \n") };
    expect(await kafkaSecurity(address, { tls, sasl })).toEqual({
      tls: { ca: "CA" },
      sasl: { mechanism: "scram-sha-256", username: "plumbline", password: " two words " },
    });
  });

  it("is nothing for an address without TLS and no login", async () => {
    expect(await kafkaSecurity({ ...address, isTls: false }, { tls: noFiles, sasl: null })).toEqual({});
  });

  it("names the setting and the file that is not there, or is empty", async () => {
    const tls = { ...noFiles, caFile: join(folder, "nowhere.pem") };
    await expect(kafkaSecurity(address, { tls, sasl: null })).rejects.toThrow(
      /kafka\.tls\.caFile: .*nowhere\.pem/,
    );
    const sasl = { ...login, passwordFile: fileOf("empty", "\n") };
    await expect(kafkaSecurity(address, { tls: noFiles, sasl })).rejects.toThrow(
      /passwordFile: .*empty is empty/,
    );
  });
});
