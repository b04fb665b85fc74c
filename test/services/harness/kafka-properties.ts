import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const openssl = "openssl";

const scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule required";

export interface BrokerPlace {
  port: number;
  controllerPort: number;
  folder: string;
}

export interface KafkaCredentials {
  username: string;
  password: string;
}

/** A broker that is its own controller, with settings that make a single, short-lived one quick. */
export function brokerProperties({ port, controllerPort, folder }: BrokerPlace): string[] {
  return [
    "process.roles=broker,controller",
    "node.id=1",
    "controller.listener.names=CONTROLLER",
    `listeners=PLAINTEXT://127.0.0.1:${String(port)},CONTROLLER://127.0.0.1:${String(controllerPort)}`,
    `controller.quorum.bootstrap.servers=127.0.0.1:${String(controllerPort)}`,
    `log.dirs=${join(folder, "data")}`,
    "num.partitions=1",
    "auto.create.topics.enable=false",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "group.min.session.timeout.ms=1000",
    "broker.session.timeout.ms=1000",
    "broker.heartbeat.interval.ms=250",
  ];
}

/** What replaces the listeners when clients have to come over TLS with SASL. Makes a certificate in `folder`. */
export function secureProperties(place: BrokerPlace, { username, password }: KafkaCredentials): string[] {
  const { port, controllerPort, folder } = place;
  makeCertificate(folder);
  const login = `username="${username}" password="${password}" user_${username}="${password}"`;
  return [
    `listeners=SASL_SSL://127.0.0.1:${String(port)},CONTROLLER://127.0.0.1:${String(controllerPort)}`,
    "listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name=SASL_SSL",
    "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "sasl.mechanism.inter.broker.protocol=PLAIN",
    `listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${scramModule};`,
    `listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${scramModule};`,
    `listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`,
    "ssl.keystore.type=PEM",
    `ssl.keystore.location=${join(folder, "keystore.pem")}`,
    "ssl.truststore.type=PEM",
    `ssl.truststore.location=${certificateFile(folder)}`,
  ];
}

/** Arguments with which the data directory is formatted, so that the broker knows the credentials by SCRAM too. */
export function scramArguments({ username, password }: KafkaCredentials): string[] {
  return ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
}

export const certificateFile = (folder: string): string => join(folder, "certificate.pem");

/** Of the certificate; brokers that ask clients for one take it from them as well. */
export const keyFile = (folder: string): string => join(folder, "key.pem");

function makeCertificate(folder: string): void {
  const [key, certificate] = [keyFile(folder), certificateFile(folder)];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const form = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  const made = spawnSync(openssl, [...form, "-keyout", key, "-out", certificate, ...subject], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`No certificate could be made: ${made.stderr}`);
  writeFileSync(
    join(folder, "keystore.pem"),
    `${readFileSync(key, "utf8")}${readFileSync(certificate, "utf8")}`,
  );
}
