const waitingWord =
  /\b(?:running|pending|queued|in[ _-]?progress|processing|waiting|building|deploying|starting|started|initiali[sz]ing|provisioning|scheduled|not (?:yet )?(?:ready|done|finished|complete|available)|not yet|still|creating|updating|syncing|uploading|downloading|installing|compiling|loading|warming|submitted|accepted|enqueued|working|try again later|please wait)\b/i;
const terminalWord =
  /\b(?:done|complete|completed|finished|succeeded|success|failed|failure|error|errors|cancelled|canceled|denied|not found|invalid|stopped|exited|crashed)\b/i;
const statusField =
  /(?:["<]|^|\n)\s*(?:\w+_)?(?:status|state|phase|stage|progress|conclusion)(?:"?\s*[:=]\s*"?|>)([A-Za-z][\w -]{1,40})/gi;
const notReadyField =
  /"(?:is_?)?(?:ready|done|finished|completed?|available|live|online|deployed|healthy|up|succeeded)"\s*:\s*(?:false|"(?:false|no)")/i;
const maxChars = 400;

/** Whether a short result, or a status field in it, says that something is still under way. */
export function saysWaiting(result: string): boolean {
  const fields = [...result.slice(0, 4000).matchAll(statusField)].map((match) =>
    (match[1] ?? "").replaceAll("_", " "),
  );
  if (result.length <= maxChars && notReadyField.test(result)) return true;
  if (fields.length > 0) return fields.some((field) => waitingWord.test(field));
  if (result.length > maxChars) return false;
  const text = result.replaceAll("_", " ");
  return (
    waitingWord.test(text) &&
    !terminalWord.test(text.replaceAll(/\bnot (?:yet )?(?:done|finished|completed?)\b/gi, ""))
  );
}

const waitingGoal =
  /\b(?:wait|monitor|watch|poll|keep checking|keep an eye|until (?:it|they|the)\b|as soon as|every (?:\d+|few) (?:seconds?|minutes?|hours?))\b/i;

export function goalAsksToWait(goal: string): boolean {
  return waitingGoal.test(goal);
}
