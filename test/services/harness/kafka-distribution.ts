import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";

export const java = "java";
const maven = "mvn";
const kafkaVersion = "4.3.1";

const pom = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plumbline.test</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version></plugin>
    </plugins>
  </build>
</project>
`;

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, [...args], { stdio: "ignore" }).status === 0;

const libraries = (): string => join(cacheFolder(`kafka-${kafkaVersion}`), "libs");

/** Why Apache Kafka can't be started here; undefined when it can. */
export function whyNoKafka(): string | undefined {
  if (!runs(java, ["-version"])) return "Java (17 or newer) is not installed";
  if (!existsSync(libraries()) && !runs(maven, ["-version"]))
    return "Maven, which fetches Kafka once, is not installed";
  return undefined;
}

/** Why a broker that wants TLS can't be started here; undefined when it can. */
export function whyNoSecuredKafka(): string | undefined {
  return (
    whyNoKafka() ??
    (runs("openssl", ["version"]) ? undefined : "openssl, which makes its certificate, is not installed")
  );
}

/** Class path of Apache Kafka, fetched from Maven Central the first time. */
export function kafkaClassPath(): string {
  const libs = libraries();
  if (!existsSync(libs)) fetchLibraries(libs);
  return readdirSync(libs)
    .filter((name) => name.endsWith(".jar"))
    .sort()
    .map((name) => join(libs, name))
    .join(":");
}

/** Into a folder of its own first, so that a second process never sees half of it. */
function fetchLibraries(libs: string): void {
  const folder = mkdtempSync(join(cacheFolder(`kafka-${kafkaVersion}`), "fetch-"));
  writeFileSync(join(folder, "pom.xml"), pom);
  const args = [
    "-q",
    "-B",
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    "-DoutputDirectory=libs",
  ];
  const fetched = spawnSync(maven, args, { cwd: folder, encoding: "utf8" });
  if (fetched.status !== 0)
    throw new Error(`Maven could not fetch Kafka ${kafkaVersion}: ${fetched.stdout}${fetched.stderr}`);
  if (!existsSync(libs)) renameSync(join(folder, "libs"), libs);
  rmSync(folder, { recursive: true, force: true });
}
