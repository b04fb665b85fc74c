import type { Command } from "commander";
import type { Feedback } from "@plumbline/contracts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { choiceOf } from "./arguments.ts";

const verdicts = ["right", "false-alarm"] as const;

export function addFeedbackCommand(program: Command, context: CommandContext): void {
  program
    .command("feedback")
    .description("say whether a finding was right; counted in its detector's precision")
    .argument("<finding>", "finding id")
    .argument("<verdict>", verdicts.join(" or "), choiceOf(verdicts))
    .option("--comment <text>", "why", "")
    .option("--json", "print JSON")
    .action(
      async (findingId: string, verdict: Feedback["verdict"], options: JsonOption & { comment: string }) => {
        const feedback = await context.client().feedback(findingId, { verdict, comment: options.comment });
        printResult(context, feedback, {
          json: options.json,
          format: () => `Noted: ${findingId} ${verdict}.`,
        });
      },
    );
}
