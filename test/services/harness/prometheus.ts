import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../free-port.ts";
import { prometheusFolder } from "./prometheus-distribution.ts";
import { ServiceProcess } from "./service-process.ts";

const configFile = fileURLToPath(new URL("../../../deploy/prometheus.yml", import.meta.url));

/** Prometheus with `deploy/prometheus.yml`, on a free port of the loopback interface. */
export interface Prometheus {
  url: string;
  dispose(): Promise<void>;
}

/** What `promtool` says against `deploy/prometheus.yml`; empty when it is valid. */
export async function validatePrometheusConfig(): Promise<string> {
  const tool = join(await prometheusFolder(), "promtool");
  const checked = spawnSync(tool, ["check", "config", configFile], { encoding: "utf8", timeout: 30_000 });
  return checked.status === 0 ? "" : `${checked.stdout}${checked.stderr}`;
}

/** @param addresses where the scraped services are on this machine, by the address that the configuration names */
export async function startPrometheus(addresses: Readonly<Record<string, string>>): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-prometheus-"));
  const localFile = join(folder, "prometheus.yml");
  const text = Object.entries(addresses).reduce(
    (config, [named, local]) => config.replaceAll(`"${named}"`, `"${local}"`),
    readFileSync(configFile, "utf8")
      .replace(/scrape_interval: \S+/, "scrape_interval: 1s")
      .replace(/scrape_timeout: \S+/, "scrape_timeout: 1s"),
  );
  writeFileSync(localFile, text);
  const address = `127.0.0.1:${String(await freePort())}`;
  const service = await ServiceProcess.start({
    name: "prometheus",
    binary: join(await prometheusFolder(), "prometheus"),
    args: [
      `--config.file=${localFile}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
    ],
    readyUrl: `http://${address}/-/ready`,
  });
  return {
    url: `http://${address}`,
    async dispose() {
      await service.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
