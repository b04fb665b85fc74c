import { Command, CommanderError } from "commander";
import { isPlumblineError, messageOf, systemClock } from "@plumbline/contracts";
import { createOperatorClient } from "./api/operator-client.ts";
import type { CommandContext } from "./command-context.ts";
import { addApprovalCommands } from "./commands/approvals.ts";
import { addAuditCommand } from "./commands/audit.ts";
import { addBacktestCommand } from "./commands/backtest.ts";
import { addCalibrateCommand } from "./commands/calibrate.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEvalCommand } from "./commands/eval/eval.ts";
import { addFeedbackCommand } from "./commands/feedback.ts";
import { addKillCommand } from "./commands/kill.ts";
import { addLimitCommand } from "./commands/limit.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addNormaliseCommand } from "./commands/normalise.ts";
import { addNudgeCommand } from "./commands/nudge.ts";
import { addPauseCommand } from "./commands/pause.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addResumeCommand } from "./commands/resume.ts";
import { addRunsCommand } from "./commands/runs.ts";
import { addShowCommand } from "./commands/show.ts";
import { addSqlCommand } from "./commands/sql.ts";
import { addUpCommands } from "./commands/up.ts";
import { addWatchCommand } from "./commands/watch.ts";
import packageJson from "../package.json" with { type: "json" };

const exitFailed = 1;
const exitWrongUse = 2;
const defaultApiUrl = "http://127.0.0.1:4320";

function createContext(environment: NodeJS.ProcessEnv): CommandContext {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());
  return {
    clock: systemClock,
    environment,
    client: () =>
      createOperatorClient({
        url: environment["PLUMBLINE_API"] ?? defaultApiUrl,
        token: environment["PLUMBLINE_TOKEN"],
      }),
    print: (text) => void process.stdout.write(`${text}\n`),
    printError: (text) => void process.stderr.write(`${text}\n`),
    signal: interrupted.signal,
  };
}

const addCommands = [
  addUpCommands,
  addMigrateCommand,
  addDoctorCommand,
  addDemoCommand,
  addRunsCommand,
  addShowCommand,
  addWatchCommand,
  addPauseCommand,
  addResumeCommand,
  addKillCommand,
  addNudgeCommand,
  addLimitCommand,
  addApprovalCommands,
  addFeedbackCommand,
  addSqlCommand,
  addNormaliseCommand,
  addEvalCommand,
  addCalibrateCommand,
  addBacktestCommand,
  addAuditCommand,
  addReplayCommand,
];

function createProgram(context: CommandContext): Command {
  const program = new Command("plumbline")
    .description("Keeps AI agents honest while they run.")
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError();
  for (const add of addCommands) add(program, context);
  return program;
}

/** Runs one command line. Exit code 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const context = createContext(process.env);
  try {
    await createProgram(context).parseAsync(argv);
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitWrongUse;
    context.printError(`plumbline: ${messageOf(error)}`);
    if (!isPlumblineError(error) && error instanceof Error) context.printError(error.stack ?? "");
    return exitFailed;
  }
}

process.exitCode = await main(process.argv);
