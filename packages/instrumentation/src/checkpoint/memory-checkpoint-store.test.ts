import { describeCheckpointStore } from "./checkpoint-store.contract.ts";
import { createMemoryCheckpointStore } from "./memory-checkpoint-store.ts";

describeCheckpointStore("memory", createMemoryCheckpointStore);
