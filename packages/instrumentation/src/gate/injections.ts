/**
 * A message of ours inside a conversation: the application's own history does not hold it, so it is put back at the
 * same place in every later request that continues the same history.
 */
export interface Injection {
  nudgeId: string;
  text: string;
  /** How many of the application's messages came before it. */
  position: number;
  /** The last of those, encoded; another message there means another conversation. */
  before: string;
}

/** The injections that belong into a prompt, in order of their place. */
export function injectionsFor(prompt: readonly string[], injections: readonly Injection[]): Injection[] {
  return injections.filter(
    (one) => one.position <= prompt.length && (prompt[one.position - 1] ?? "") === one.before,
  );
}

/** A list with the injected messages at their places; `make` turns a text into a message. */
export function insertInjections<Message>(
  messages: readonly Message[],
  injections: readonly Injection[],
  make: (text: string) => Message,
): Message[] {
  const sorted = [...injections].sort((a, b) => a.position - b.position);
  const result: Message[] = [];
  let next = 0;
  for (let index = 0; index <= messages.length; index += 1) {
    for (; sorted[next]?.position === index; next += 1) result.push(make(sorted[next]?.text ?? ""));
    if (index < messages.length) result.push(messages[index] as Message);
  }
  return result;
}
