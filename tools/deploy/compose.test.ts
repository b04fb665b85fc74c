import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { accessTokenSchema } from "@plumbline/contracts";
import { DCLinter } from "dclint";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  configs?: { source: string }[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  restart?: string;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  configs: Record<string, { content: string }>;
}

const folder = new URL("../../deploy/", import.meta.url);
const composeFile = fileURLToPath(new URL("docker-compose.yml", folder));
const composeText = readFileSync(composeFile, "utf8");
const { services, volumes, configs } = parse(composeText, { merge: true }) as Compose;
const entries = Object.entries(services);

/** These do their work and end. */
const isTask = (name: string): boolean =>
  entries.some(([, { depends_on = {} }]) => depends_on[name]?.condition === "service_completed_successfully");

/** Rules of taste that this file does not follow: it is ordered as the data flow. */
const ruleNames = [
  "require-quotes-in-ports",
  "service-dependencies-alphabetical-order",
  "service-keys-order",
  "services-alphabetical-order",
  "top-level-properties-order",
];

interface LintResult {
  filePath: string;
  messages: { rule: string; message: string; line: number }[];
}

function lint(file: string): LintResult[] {
  const rules = Object.fromEntries(ruleNames.map((name) => [name, 0 as const]));
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  return linter.lintFiles([file], false) as LintResult[];
}

test("the compose file fits the schema of the Compose specification and its linter", () => {
  expect(lint(composeFile)).toMatchObject([{ filePath: composeFile, messages: [] }]);
});

test("a compose file that breaks the schema is noticed", () => {
  const messages = lint(fileURLToPath(new URL("fixtures/broken-compose.yml", import.meta.url)));
  expect(messages.flatMap((result) => result.messages).map(({ rule }) => rule)).toContain("invalid-schema");
});

test("every part of the distributed deployment is there", () => {
  const commands = entries.flatMap(([, { command = [] }]) => command.slice(0, 1));
  for (const command of ["migrate", "collector", "console"]) expect(commands).toContain(command);
  expect(commands.filter((command) => command === "analyzer")).toHaveLength(2);
  for (const name of ["kafka", "clickhouse", "otel-collector", "jaeger", "prometheus", "grafana"])
    expect(Object.keys(services)).toContain(name);
});

test.each(entries)("%s: its image is pinned to a version", (_name, { image }) => {
  expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.]*$/);
});

test.each(entries)("%s: its ports are open to this machine only", (_name, { ports = [] }) => {
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(entries)("%s: what it mounts exists", (_name, service) => {
  for (const mount of service.volumes ?? []) {
    const [source = ""] = mount.split(":");
    if (source.startsWith("./")) expect(existsSync(new URL(source, folder)), source).toBe(true);
    else expect(Object.keys(volumes)).toContain(source);
  }
  for (const { source } of service.configs ?? []) expect(Object.keys(configs)).toContain(source);
});

test.each(entries)("%s: what it waits for exists and can be waited for", (_name, service) => {
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(Object.keys(services)).toContain(other);
    if (condition === "service_healthy") expect(services[other]?.healthcheck?.test).toBeDefined();
  }
});

test.each(entries.filter(([name]) => !isTask(name)))(
  "%s: it comes back after a crash, and says whether it is well or why it can't",
  (_name, { restart, healthcheck }) => {
    expect(restart).toBe("unless-stopped");
    expect(healthcheck?.test !== undefined || healthcheck?.disable === true).toBe(true);
  },
);

test("every variable that the files need is in example.env", () => {
  const known = readFileSync(new URL("example.env", folder), "utf8");
  const needed = new Set([...composeText.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name));
  expect([...needed].filter((name) => !new RegExp(`^${name}=`, "m").test(known))).toEqual([]);
});

test("the tokens that it configures are of the form that the processes take", () => {
  const content = configs["plumbline"]?.content.replaceAll(/\$\{[^}]*\}/g, "0123456789abcdef") ?? "";
  const { tokens } = parse(content) as { tokens: unknown[] };
  expect(tokens.map((token) => accessTokenSchema.parse(token).roles)).toEqual([["agent"], ["admin"]]);
});

test("Prometheus scrapes services that exist", () => {
  const text = readFileSync(new URL("prometheus.yml", folder), "utf8");
  const config = parse(text) as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
  const hosts = config.scrape_configs
    .flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets))
    .map((target) => target.split(":")[0]);
  expect(hosts.filter((host) => host !== "localhost" && services[host ?? ""] === undefined)).toEqual([]);
});

test("Grafana reads services that exist", () => {
  const text = readFileSync(new URL("grafana/provisioning/datasources/plumbline.yml", folder), "utf8");
  const { datasources } = parse(text) as { datasources: { url?: string; jsonData?: { host?: string } }[] };
  const hosts = datasources.map(({ url, jsonData }) => jsonData?.host ?? new URL(url ?? "").hostname);
  expect(hosts.toSorted()).toEqual(["clickhouse", "jaeger", "prometheus"]);
  expect(hosts.filter((host) => services[host] === undefined)).toEqual([]);
});
