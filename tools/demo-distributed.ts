// The demo on Kafka: agents → stock OpenTelemetry Collector → Kafka → two analyzers → tables; findings shown by Jaeger,
// directives by a gateway. Exit code 0 only if every agent ended as expected, Jaeger shows the stuck one's finding in its
// trace, and the rows are in the tables. The tables' server is a stand-in that speaks ClickHouse's HTTP interface over chdb.
import { systemClock } from "@plumbline/contracts";
import { createOperatorClient } from "../packages/cli/src/api/operator-client.ts";
import { announceSkip } from "../test/services/harness/skip.ts";
import { runDistributedDemo, whyNoDistributedDemo } from "../test/services/support/distributed-demo.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

const exitFailed = 1;
const reason = announceSkip("the distributed demo", whyNoDistributedDemo());
const passed =
  reason === undefined &&
  (await runDistributedDemo(
    {
      clock: systemClock,
      environment: process.env,
      client: () => createOperatorClient({ url: "", token: undefined }),
      print: (text) => void process.stdout.write(`${text}\n`),
      printError: (text) => void process.stderr.write(`${text}\n`),
      signal: interrupted.signal,
      die: () => process.exit(exitFailed),
    },
    Number(process.argv[2] ?? 1),
  ));
process.exitCode = passed ? 0 : exitFailed;
