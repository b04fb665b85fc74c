import type { Ack, Command, Directive, RunDetail } from "@plumbline/contracts";

type CommandWithAcks = RunDetail["commands"][number];

/** The generation that a command brought about; undefined when it changed nothing. */
function generationOf(command: Command, directives: readonly Directive[]): number | undefined {
  const generations = directives
    .filter((one) => one.issuedAtMs === command.issuedAtMs && one.issuedBy === command.issuedBy)
    .map((one) => one.generation);
  return generations.length === 0 ? undefined : Math.min(...generations);
}

/** The id by which an ack names a command's own nudge or approval. */
function subjectIdOf(command: Command): string {
  return command.verb === "approve" || command.verb === "deny" ? command.approvalId : command.commandId;
}

/** An ack of a directive as a whole answers the last command in it. */
function lastCommandBefore(ack: Ack, generations: ReadonlyMap<Command, number>): Command | undefined {
  let last: { command: Command; generation: number } | undefined;
  for (const [command, generation] of generations) {
    if (generation <= ack.generation && generation >= (last?.generation ?? 0)) last = { command, generation };
  }
  return last?.command;
}

function answers(ack: Ack, command: Command, generations: ReadonlyMap<Command, number>): boolean {
  const { subject } = ack;
  if (subject.kind === "directive") return lastCommandBefore(ack, generations) === command;
  return subjectIdOf(command) === (subject.kind === "nudge" ? subject.nudgeId : subject.approvalId);
}

/** The commands of a run, oldest first, each with what the agent answered to it. */
export function withAcknowledgements(
  commands: readonly Command[],
  directives: readonly Directive[],
  acks: readonly Ack[],
): CommandWithAcks[] {
  const generations = new Map<Command, number>();
  for (const command of commands) {
    const generation = generationOf(command, directives);
    if (generation !== undefined) generations.set(command, generation);
  }
  return commands
    .toSorted((a, b) => a.issuedAtMs - b.issuedAtMs)
    .map((command) => ({
      command,
      acknowledged: acks
        .filter((ack) => answers(ack, command, generations))
        .toSorted((a, b) => a.atMs - b.atMs)
        .map(({ phase, detail, atMs, stepId }) => ({ phase, detail, atMs, stepId })),
    }));
}
