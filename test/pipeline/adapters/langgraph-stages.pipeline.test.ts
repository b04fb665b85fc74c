import { langGraphAgent } from "./langgraph-agent.ts";
import { stagesSuite } from "./stages-suite.ts";

stagesSuite({ stack: "LangGraph", start: langGraphAgent });
