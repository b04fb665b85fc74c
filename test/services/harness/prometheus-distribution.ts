import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Tool, type Workshop, toolFolder } from "./tool-cache.ts";

/** Debian's package, unpacked without being installed. */
async function make({ folder, run }: Workshop): Promise<void> {
  const download = (): Promise<string> => run(["apt-get", "download", "prometheus"], { cwd: folder });
  // Fresh machines have no package lists yet.
  await download().catch(async () => {
    await run(["apt-get", "update", "-qq"]);
    await download();
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get downloaded no package of Prometheus.");
  await run(["dpkg-deb", "-x", archive, folder], { cwd: folder });
}

export const prometheusTool: Tool = {
  title: "Prometheus",
  folderName: "prometheus-debian",
  needs: ["apt-get", "dpkg-deb"],
  make,
};

/** Folder with `prometheus` and `promtool`, fetched the first time. */
export async function prometheusFolder(): Promise<string> {
  return join(await toolFolder(prometheusTool), "usr", "bin");
}
