import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tool, toolFolder, whyNoTool } from "./tool-cache.ts";

export const java = "java";
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

/** Apache Kafka as its jar files, from Maven Central. */
const kafka: Tool = {
  title: `Apache Kafka ${kafkaVersion}`,
  folderName: `kafka-${kafkaVersion}`,
  needs: ["mvn"],
  make: async ({ folder, run }) => {
    writeFileSync(join(folder, "pom.xml"), pom);
    const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=libs"];
    await run(["mvn", "-q", "-B", ...copy], { cwd: folder });
  },
};

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, [...args], { stdio: "ignore" }).status === 0;

/** Why Apache Kafka can't be started here; undefined when it can. */
export function whyNoKafka(): string | undefined {
  if (!runs(java, ["-version"])) return "Apache Kafka runs on Java 17 or newer, not installed here";
  return whyNoTool(kafka);
}

/** Why a broker that wants TLS can't be started here; undefined when it can. */
export function whyNoSecuredKafka(): string | undefined {
  return (
    whyNoKafka() ??
    (runs("openssl", ["version"]) ? undefined : "its certificate is made with openssl, not installed here")
  );
}

/** Class path of Apache Kafka, fetched the first time. */
export async function kafkaClassPath(): Promise<string> {
  const libs = join(await toolFolder(kafka), "libs");
  const jars = readdirSync(libs).filter((name) => name.endsWith(".jar"));
  return jars
    .sort()
    .map((name) => join(libs, name))
    .join(":");
}
