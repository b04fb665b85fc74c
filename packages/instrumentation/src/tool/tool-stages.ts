import { auditCall } from "./stages/audit-call.ts";
import { checkArguments } from "./stages/check-arguments.ts";
import { observeCall } from "./stages/observe-call.ts";
import { passGate } from "./stages/pass-gate.ts";
import { perform } from "./stages/perform.ts";
import { composeToolStages, type NextToolStage } from "./tool-stage.ts";

/** What every tool call goes through, outermost first. */
export const runToolStages: NextToolStage = composeToolStages(
  [auditCall, passGate, observeCall, checkArguments],
  perform,
);
