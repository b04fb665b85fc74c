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
