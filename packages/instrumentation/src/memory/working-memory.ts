/** A message of a chat, as far as memory looks at it. */
export interface MemoryMessage {
  role: string;
  content?: unknown;
  tool_calls?: readonly { id: string }[] | null;
  tool_call_id?: string;
}

export interface WorkingMemoryOptions<Message extends MemoryMessage> {
  /** Tokens that the prompt may take. */
  maxTokens: number;
  /** Share of it from which on `isTight` says so. Default: 0.8. */
  warnAt?: number;
  /** Turns at the end that are kept as they are. Default: 6. */
  keepTurns?: number;
  /** Texts of what is left out → one text; a cheap model's work. Without it, the first sentence of each is kept. */
  summarise?: (dropped: readonly Message[]) => Promise<string>;
  /** Tokens of a message. Default: a quarter of its characters as JSON. */
  tokensOf?: (message: Message) => number;
}

/** A prompt that fits, and what it lacks. */
export interface FittedPrompt<Message> {
  messages: (Message | { role: "user"; content: string })[];
  tokens: number;
  /** The messages that the summary stands for. */
  dropped: readonly Message[];
  /** From here on little is left: summarise, or come to an end. */
  isTight: boolean;
}

const charactersPerToken = 4;
const longestExtract = 160;
const defaultKeepTurns = 6;
const defaultWarnAt = 0.8;

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return content === undefined || content === null ? "" : JSON.stringify(content);
}

const isInstruction = ({ role }: MemoryMessage): boolean => role === "system" || role === "developer";

function firstSentence(text: string): string {
  const flat = text.replaceAll(/\s+/gu, " ").trim();
  const end = /[.!?](?=\s|$)/u.exec(flat)?.index;
  const sentence = end === undefined ? flat : flat.slice(0, end + 1);
  return sentence.length <= longestExtract ? sentence : `${sentence.slice(0, longestExtract)}…`;
}

/** What was left out in as few words as can be without a model. */
function extract(dropped: readonly MemoryMessage[]): string {
  const lines = dropped.map(({ role, content }) => ({ role, said: firstSentence(textOf(content)) }));
  return lines
    .filter(({ said }) => said !== "")
    .map(({ role, said }) => `- ${role}: ${said}`)
    .join("\n");
}

/** Messages that must stay together: a tool call and its results, or one message. */
function unitsOf<Message extends MemoryMessage>(messages: readonly Message[]): Message[][] {
  const units: Message[][] = [];
  const unitOfCall = new Map<string, Message[]>();
  for (const message of messages) {
    const asked = unitOfCall.get(message.tool_call_id ?? "");
    if (asked !== undefined) {
      asked.push(message);
      continue;
    }
    const unit = [message];
    units.push(unit);
    for (const { id } of message.tool_calls ?? []) unitOfCall.set(id, unit);
  }
  return units;
}

/** A unit whose calls wait for their results. */
function isOpen(unit: readonly MemoryMessage[]): boolean {
  const asked = unit.flatMap((message) => message.tool_calls ?? []).length;
  return asked > unit.filter(({ role }) => role === "tool").length;
}

/**
 * Keeps a conversation within what a model can read: instructions, the goal (the first message of the user), the latest
 * turns and open tool calls stay; what is between becomes a summary. A call is never parted from its result.
 */
export class WorkingMemory<Message extends MemoryMessage> {
  private readonly options: WorkingMemoryOptions<Message>;

  private readonly onFitted: (prompt: FittedPrompt<Message>) => void;

  constructor(
    options: WorkingMemoryOptions<Message>,
    onFitted: (prompt: FittedPrompt<Message>) => void = () => undefined,
  ) {
    this.options = options;
    this.onFitted = onFitted;
  }

  /** The conversation as it is while it fits; else without its middle, as far as that is enough. */
  async fit(messages: readonly Message[]): Promise<FittedPrompt<Message>> {
    const prompt = await this.fitted(messages);
    this.onFitted(prompt);
    return prompt;
  }

  private async fitted(messages: readonly Message[]): Promise<FittedPrompt<Message>> {
    const whole = this.tokens(messages);
    const units = unitsOf(messages);
    const { maxTokens } = this.options;
    if (whole <= maxTokens) return this.prompt(messages, whole, []);
    const droppable = this.droppable(units);
    let left = whole;
    const gone = new Set<Message[]>();
    for (const unit of droppable) {
      // The summary takes room of its own.
      if (left <= maxTokens * 0.9) break;
      gone.add(unit);
      left -= this.tokens(unit);
    }
    const dropped = units.filter((unit) => gone.has(unit)).flat();
    return this.withSummary(
      units.filter((unit) => !gone.has(unit)),
      dropped,
    );
  }

  /** Oldest first; the latest turns only when all else is gone. */
  private droppable(units: readonly Message[][]): Message[][] {
    const goal = units.find(([first]) => first?.role === "user");
    const { keepTurns = defaultKeepTurns } = this.options;
    const mayGo = (unit: Message[]): boolean =>
      unit !== goal && !isOpen(unit) && !unit.some((message) => isInstruction(message));
    const early = units.slice(0, -keepTurns).filter((unit) => mayGo(unit));
    const late = units.slice(-keepTurns, -1).filter((unit) => mayGo(unit));
    return [...early, ...late];
  }

  private async withSummary(kept: readonly Message[][], dropped: Message[]): Promise<FittedPrompt<Message>> {
    if (dropped.length === 0) return this.prompt(kept.flat(), this.tokens(kept.flat()), []);
    const { summarise = async (messages) => extract(messages), maxTokens } = this.options;
    const room = Math.max(0, maxTokens - this.tokens(kept.flat())) * charactersPerToken;
    const head = `[Summary of ${String(dropped.length)} earlier messages]\n`;
    const content = `${head}${await summarise(dropped)}`.slice(0, Math.max(head.length, room - 40));
    const note = { role: "user" as const, content };
    const start = this.headLength(kept);
    const messages = [...kept.slice(0, start).flat(), note, ...kept.slice(start).flat()];
    const tokens = this.tokens(kept.flat()) + Math.ceil(JSON.stringify(note).length / charactersPerToken);
    return this.prompt(messages, tokens, dropped);
  }

  /** Instructions and goal at the beginning, before which nothing is put. */
  private headLength(kept: readonly Message[][]): number {
    const goal = kept.findIndex(([first]) => first?.role === "user");
    const firstOther = kept.findIndex(([first]) => first !== undefined && !isInstruction(first));
    return Math.max(goal + 1, firstOther < 0 ? kept.length : firstOther);
  }

  private prompt(
    messages: Readonly<FittedPrompt<Message>["messages"]>,
    tokens: number,
    dropped: readonly Message[],
  ): FittedPrompt<Message> {
    const { warnAt = defaultWarnAt, maxTokens } = this.options;
    return {
      messages: [...messages],
      tokens,
      dropped,
      isTight: dropped.length > 0 || tokens > warnAt * maxTokens,
    };
  }

  private tokens(messages: readonly Message[]): number {
    const { tokensOf } = this.options;
    const of =
      tokensOf ?? ((message: Message) => Math.ceil(JSON.stringify(message).length / charactersPerToken));
    return messages.reduce((sum, message) => sum + of(message), 0);
  }
}
