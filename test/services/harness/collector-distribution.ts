import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goEnvironment } from "./go-environment.ts";
import { type Tool, type Workshop, toolFolder } from "./tool-cache.ts";

const version = "v0.155.0";
const builderFile = fileURLToPath(new URL("collector-builder.yaml", import.meta.url));
const builderText = readFileSync(builderFile, "utf8");
const fingerprint = createHash("sha256").update(builderText).digest("hex").slice(0, 8);

/** `module@version` of everything the builder file names. */
const modules = [...builderText.matchAll(/gomod: (\S+) (v\S+)/g)].map(
  ([, path = "", moduleVersion = ""]) => `${path}@${moduleVersion}`,
);

/**
 * The builder writes the sources; go.mod is written here and completed by the build. The builder's own `go mod tidy` also
 * wants modules that only the components' tests import, and some of those can't be had.
 */
async function make({ folder, run }: Workshop): Promise<void> {
  const environment = { ...goEnvironment, GOBIN: folder };
  const source = join(folder, "source");
  const go = (...args: string[]): Promise<string> => run(["go", ...args], { cwd: source, environment });

  await run(["go", "install", `go.opentelemetry.io/collector/cmd/builder@${version}`], {
    cwd: folder,
    environment,
  });
  copyFileSync(builderFile, join(folder, "builder.yaml"));
  const onlySources = ["--skip-get-modules", "--skip-compilation", "--skip-strict-versioning"];
  await run([join(folder, "builder"), "--config", "builder.yaml", ...onlySources], { cwd: folder });

  rmSync(join(source, "go.mod"), { force: true });
  await go("mod", "init", "otelcol");
  const required = [`go.opentelemetry.io/collector/otelcol@${version}`, ...modules];
  await go("mod", "edit", ...required.map((module) => `-require=${module}`));
  await go("build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", join(folder, "otelcol"), ".");
  rmSync(join(folder, "builder"));
}

/** The OpenTelemetry Collector with the components that the files in `deploy/` name. */
export const collectorTool: Tool = {
  title: `OpenTelemetry Collector ${version}`,
  folderName: `otelcol-${version.slice(1)}-${fingerprint}`,
  needs: ["go"],
  make,
};

/** Path of the Collector's binary, built the first time. */
export async function collectorBinary(): Promise<string> {
  return join(await toolFolder(collectorTool), "otelcol");
}
