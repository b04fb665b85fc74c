import { configurePlumbline, supervise } from "@plumbline/instrumentation";
import { langGraphAgent } from "./langgraph-agent.ts";

/** How a crash agent is started, as JSON in its first argument. */
export interface CrashAgentStart {
  endpoint: string;
  dataDirectory: string;
  modelUrl: string;
  question: string;
  /** Whether its tools kill the process. */
  dies: boolean;
  /** Null: nobody supervises the agent. */
  runId: string | null;
}

const start = JSON.parse(process.argv[2] ?? "") as CrashAgentStart;
configurePlumbline({ endpoint: start.endpoint, dataDirectory: start.dataDirectory });
const ask = langGraphAgent({
  model: { baseUrl: start.modelUrl },
  async perform() {
    if (start.dies) process.kill(process.pid, "SIGKILL");
    return "done";
  },
});
if (start.runId === null) await ask(start.question);
else await supervise({ name: "agent", runId: start.runId }, () => ask(start.question));
