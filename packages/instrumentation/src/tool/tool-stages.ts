import { auditCall } from "./stages/audit-call.ts";
import { approve } from "./stages/approve.ts";
import { checkArguments } from "./stages/check-arguments.ts";
import { checkGrounding } from "./stages/check-grounding.ts";
import { checkpointAction } from "./stages/checkpoint-action.ts";
import { guardLoop } from "./stages/guard-loop.ts";
import { observeCall } from "./stages/observe-call.ts";
import { passGate } from "./stages/pass-gate.ts";
import { perform } from "./stages/perform.ts";
import { retryCall } from "./stages/retry-call.ts";
import { useBreaker } from "./stages/use-breaker.ts";
import { recallAction } from "./stages/recall-action.ts";
import { composeToolStages, type NextToolStage } from "./tool-stage.ts";

/** What every tool call goes through, outermost first. */
export const runToolStages: NextToolStage = composeToolStages(
  [
    auditCall,
    passGate,
    observeCall,
    guardLoop,
    checkArguments,
    checkGrounding,
    recallAction,
    approve,
    useBreaker,
    checkpointAction,
    retryCall,
  ],
  perform,
);
