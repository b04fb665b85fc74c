import { Command, CommanderError } from "commander";
import { isPlumblineError, messageOf, systemClock } from "@plumbline/contracts";
import { createOperatorClient } from "./api/operator-client.ts";
import type { CommandContext } from "./command-context.ts";
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
    // An ordinary exit waits for every thread, and one in the middle of a failed library never ends.
    die: () => void process.kill(process.pid, "SIGKILL"),
  };
}

type AddCommands = (program: Command, context: CommandContext) => void;

/** In the order of the help. Loaded only when asked for: a command that asks the server needs none of what a server needs. */
const commands: readonly { names: readonly string[]; load: () => Promise<AddCommands> }[] = [
  {
    names: ["up", "collector", "analyzer", "console"],
    load: async () => (await import("./commands/up.ts")).addUpCommands,
  },
  { names: ["migrate"], load: async () => (await import("./commands/migrate.ts")).addMigrateCommand },
  { names: ["doctor"], load: async () => (await import("./commands/doctor.ts")).addDoctorCommand },
  { names: ["demo"], load: async () => (await import("./commands/demo.ts")).addDemoCommand },
  { names: ["runs"], load: async () => (await import("./commands/runs.ts")).addRunsCommand },
  { names: ["show"], load: async () => (await import("./commands/show.ts")).addShowCommand },
  { names: ["watch"], load: async () => (await import("./commands/watch.ts")).addWatchCommand },
  { names: ["pause"], load: async () => (await import("./commands/pause.ts")).addPauseCommand },
  { names: ["resume"], load: async () => (await import("./commands/resume.ts")).addResumeCommand },
  { names: ["kill"], load: async () => (await import("./commands/kill.ts")).addKillCommand },
  { names: ["nudge"], load: async () => (await import("./commands/nudge.ts")).addNudgeCommand },
  { names: ["limit"], load: async () => (await import("./commands/limit.ts")).addLimitCommand },
  {
    names: ["approvals", "approve", "deny"],
    load: async () => (await import("./commands/approvals.ts")).addApprovalCommands,
  },
  { names: ["feedback"], load: async () => (await import("./commands/feedback.ts")).addFeedbackCommand },
  { names: ["sql"], load: async () => (await import("./commands/sql.ts")).addSqlCommand },
  { names: ["normalise"], load: async () => (await import("./commands/normalise.ts")).addNormaliseCommand },
  { names: ["eval"], load: async () => (await import("./commands/eval/eval.ts")).addEvalCommand },
  { names: ["calibrate"], load: async () => (await import("./commands/calibrate.ts")).addCalibrateCommand },
  { names: ["backtest"], load: async () => (await import("./commands/backtest.ts")).addBacktestCommand },
  { names: ["audit"], load: async () => (await import("./commands/audit.ts")).addAuditCommand },
  { names: ["replay"], load: async () => (await import("./commands/replay.ts")).addReplayCommand },
];

/** The program with the command that the command line begins with, or with all of them: for help, and for what is none. */
async function createProgram(context: CommandContext, first: string | undefined): Promise<Command> {
  const program = new Command("plumbline")
    .description("Keeps AI agents honest while they run.")
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError();
  const named = commands.filter(({ names }) => first !== undefined && names.includes(first));
  const loaded = await Promise.all((named.length === 0 ? commands : named).map(({ load }) => load()));
  for (const add of loaded) add(program, context);
  return program;
}

/** Runs one command line. Exit code 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const context = createContext(process.env);
  try {
    const program = await createProgram(context, argv[2]);
    await program.parseAsync(argv);
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitWrongUse;
    context.printError(`plumbline: ${messageOf(error)}`);
    if (!isPlumblineError(error) && error instanceof Error) context.printError(error.stack ?? "");
    return exitFailed;
  }
}

process.exitCode = await main(process.argv);
