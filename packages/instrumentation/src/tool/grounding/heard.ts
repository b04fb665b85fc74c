import type { Detection } from "../../guard/load-detection.ts";

const mostIds = 50_000;
const deepest = 12;
const mostWaiting = 32;

/**
 * Owns: which record ids the run was told, by people, models and tools. Texts are read when a tool call asks, each once;
 * until then only the messages are held on to that the application holds anyway.
 */
export class Heard {
  private readonly ids = new Set<string>();
  private readonly read = new WeakSet();
  private waiting: unknown[] = [];
  private spokeWithModel = false;

  /** Takes note of a text or a message. */
  hear(heard: unknown): void {
    this.waiting.push(heard);
  }

  /** Takes note of what goes to a model: from then on it can be told what the run was never told of. */
  hearConversation(messages: readonly unknown[]): void {
    this.spokeWithModel = true;
    if (this.waiting.at(-1) !== messages) this.waiting.push(messages);
  }

  /** Whether so much waits to be read that the call that names an id should not have to. */
  get isBehind(): boolean {
    return this.waiting.length >= mostWaiting;
  }

  /**
   * Those ids that nobody told the run of, nor one next to them in a series. None before its first model call: then the
   * application makes the calls, or speaks with its model behind our back.
   */
  unknownOf(ids: readonly string[], detection: Detection): string[] {
    this.catchUp(detection);
    return this.spokeWithModel ? ids.filter((id) => !this.knows(id, detection)) : [];
  }

  /** Whether the run was told of the id or of one next to it in a series. */
  knows(id: string, detection: Detection): boolean {
    this.catchUp(detection);
    return detection.groundsOf(id).some((ground) => this.ids.has(ground));
  }

  /** Reads what waits. */
  catchUp(detection: Detection): void {
    const { waiting } = this;
    this.waiting = [];
    for (const one of waiting) this.take(one, detection, 0);
  }

  private take(value: unknown, detection: Detection, depth: number): void {
    if (typeof value === "string" || typeof value === "number") this.takeText(String(value), detection);
    if (typeof value !== "object" || value === null || depth > deepest) return;
    // A list of messages grows in place: only its members are read once.
    if (!Array.isArray(value)) {
      if (this.read.has(value)) return;
      this.read.add(value);
    }
    for (const inner of Object.values(value)) this.take(inner, detection, depth + 1);
  }

  private takeText(text: string, detection: Detection): void {
    if (this.ids.size >= mostIds) return;
    for (const id of detection.idsMentionedIn(text)) this.ids.add(id);
  }
}
