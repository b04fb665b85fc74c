import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { miniLmCalibration } from "@plumbline/detection";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCalibrations, writeCalibration } from "../../packages/cli/src/compose/calibrations.ts";
import { openModel } from "../../packages/cli/src/compose/open-embedder.ts";
import { embedderSettingsSchema } from "../../packages/cli/src/config/embedder-settings.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-calibrations-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const other = { ...miniLmCalibration, embedder: "openai:tiny", bias: -1 };

describe("calibrations", () => {
  test("are kept one for each embedder, the newest", async () => {
    expect(await readCalibrations(directory)).toEqual([]);
    await writeCalibration(directory, miniLmCalibration);
    await writeCalibration(directory, other);
    await writeCalibration(directory, { ...other, bias: -2 });
    expect(await readCalibrations(directory)).toEqual([miniLmCalibration, { ...other, bias: -2 }]);
  });

  test("a file that holds none is told by name, and not overwritten", async () => {
    const file = join(directory, "calibrations.json");
    writeFileSync(file, '[{"embedder":"x"}]');
    await expect(readCalibrations(directory)).rejects.toThrow(`${file} holds no calibrations`);
    await expect(writeCalibration(directory, other)).rejects.toThrow("Delete it");
    expect(readFileSync(file, "utf8")).toBe('[{"embedder":"x"}]');
  });
});

describe("the embedder of the settings", () => {
  const openWith = async (settings: object, calibrations: (typeof other)[] = []) => {
    const reasons: string[] = [];
    const onUnavailable = (reason: string): void => void reasons.push(reason);
    const model = await openModel({
      settings: embedderSettingsSchema.parse(settings),
      calibrations,
      onUnavailable,
    });
    await model?.embedder.close();
    return { model, reasons };
  };

  test("is MiniLM with the shipped weights, unless own ones were made for it", async () => {
    expect((await openWith({})).model?.calibration).toEqual(miniLmCalibration);
    const own = { ...miniLmCalibration, bias: -9 };
    expect((await openWith({ kind: "minilm" }, [own])).model?.calibration).toEqual(own);
  });

  test("compares by words alone, and says why, while an endpoint has no calibration", async () => {
    const settings = { kind: "openai", model: "tiny", baseUrl: "http://127.0.0.1:9/v1", apiKey: "secret" };
    const { model, reasons } = await openWith(settings);
    expect([model, reasons]).toEqual([
      null,
      ["openai:tiny has no calibration yet: run plumbline calibrate on recorded runs."],
    ]);
    expect((await openWith(settings, [other])).model?.calibration).toEqual(other);
    expect(await openWith({ kind: "none" })).toEqual({ model: null, reasons: [] });
  });

  test("needs the name of a model where it is an endpoint", () => {
    expect(embedderSettingsSchema.safeParse({ kind: "openai" }).error?.issues[0]?.path).toEqual(["model"]);
  });
});
