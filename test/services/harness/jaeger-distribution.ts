import { join } from "node:path";
import { goEnvironment } from "./go-environment.ts";
import { type Tool, type Workshop, toolFolder } from "./tool-cache.ts";

const modulePath = "github.com/jaegertracing/jaeger";
/** Jaeger 2.13.0 carries this version as a Go module. */
const moduleVersion = "v1.76.0";
const version = "2.13.0";

/** Built inside the module: `go install` refuses one with a replace directive. Its page is a placeholder, its API is whole. */
async function make({ folder, run }: Workshop): Promise<void> {
  const environment = goEnvironment;
  const download = ["go", "mod", "download", "-json", `${modulePath}@${moduleVersion}`] as const;
  const { Dir: source } = JSON.parse(await run(download, { cwd: folder, environment })) as { Dir: string };
  const flags = `-ldflags=-s -w -X ${modulePath}/internal/version.latestVersion=v${version}`;
  const build = ["go", "build", "-trimpath", flags, "-o", join(folder, "jaeger"), "./cmd/jaeger"] as const;
  await run(build, { cwd: source, environment });
}

export const jaegerTool: Tool = {
  title: `Jaeger ${version}`,
  folderName: `jaeger-${version}`,
  needs: ["go"],
  make,
};

/** Path of Jaeger's binary, built the first time. */
export async function jaegerBinary(): Promise<string> {
  return join(await toolFolder(jaegerTool), "jaeger");
}
