/** What one rule read out of a result. */
export interface OutcomeSignal {
  class: "ok" | "hidden-error" | "empty";
  /** The field or line that decided. */
  evidence: string;
  message: string | null;
}

const evidenceChars = 120;
const messageChars = 300;

export function failureSignal(where: string, what: string): OutcomeSignal {
  return {
    class: "hidden-error",
    evidence: `${where}: ${what.slice(0, evidenceChars)}`,
    message: what.slice(0, messageChars),
  };
}
