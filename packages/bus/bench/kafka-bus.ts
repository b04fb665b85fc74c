/** Measures the Kafka bus against the brokers given as arguments (`host:port` …); prints JSON. */
import { createKafkaBus } from "../src/index.ts";
import { measureBus } from "./measure.ts";

const bus = await createKafkaBus({ brokers: process.argv.slice(2) });
process.stdout.write(`${JSON.stringify(await measureBus(bus, `bench-${String(process.pid)}`))}\n`);
await bus.close();
