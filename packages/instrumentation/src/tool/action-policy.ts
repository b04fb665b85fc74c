import { RejectedError, type ToolTraits } from "@plumbline/contracts";

export const risks = ["safe", "low", "medium", "high"] as const;
export type Risk = (typeof risks)[number];

/** When a person is asked about a tool, whatever the level of the run says. */
export type ToolApproval =
  | "ask"
  | "never"
  | {
      /** `approve` only for a tool that is declared reversible. */
      onTimeout?: "deny" | "approve";
      timeoutMs?: number;
    };

/** What a tool declares of its actions. */
export interface ActionDeclaration {
  name: string;
  risk?: Risk;
  reversible?: boolean;
  traits?: Pick<ToolTraits, "mutates" | "polls">;
  /** Whether a durable record is written before each call. Default: yes, unless the tool is safe. */
  checkpoint?: boolean;
  /**
   * What becomes of a call that was under way when the process ended, once the resumed run makes it again: `ask` a person
   * (default), `retry` it with the same idempotency key, or `skip` it and tell the model that nobody knows.
   */
  onInFlight?: "ask" | "retry" | "skip";
  approval?: ToolApproval;
}

/** What holds for every call of a tool. */
export interface ActionPolicy {
  /** Its calls change something outside the run, or nobody said that they don't. */
  isExternal: boolean;
  /** A tool that declares nothing counts as high. */
  risk: Risk;
  /** A tool that declares nothing counts as irreversible. */
  isReversible: boolean;
  /** Whether one call may be tried again without anybody having said so. */
  isRepeatable: boolean;
  onInFlight: "ask" | "retry" | "skip";
  approval: {
    /** Undefined: the level of the run decides. */
    when: "ask" | "never" | undefined;
    onTimeout: "deny" | "approve" | undefined;
    timeoutMs: number | undefined;
  };
}

function riskOf({ risk, traits }: ActionDeclaration): Risk {
  return risk ?? (traits?.mutates === false ? "safe" : "high");
}

function approvalOf(approval: ToolApproval | undefined): ActionPolicy["approval"] {
  const isWord = approval === undefined || typeof approval === "string";
  return isWord
    ? { when: approval, onTimeout: undefined, timeoutMs: undefined }
    : { when: "ask", onTimeout: approval.onTimeout, timeoutMs: approval.timeoutMs };
}

/**
 * The policy that a declaration amounts to.
 * @throws RejectedError when an irreversible action would be approved by nobody's answer
 */
export function actionPolicyOf(declared: ActionDeclaration): ActionPolicy {
  const risk = riskOf(declared);
  const approval = approvalOf(declared.approval);
  if (approval.onTimeout === "approve" && declared.reversible !== true) {
    throw new RejectedError(
      `The tool "${declared.name}" would be approved when nobody answers, and it can't be undone.`,
      {
        code: "IRREVERSIBLE_AUTO_APPROVAL",
        mend: "Declare it reversible: true if it is, or leave onTimeout at deny.",
      },
    );
  }
  return {
    isExternal: declared.checkpoint ?? risk !== "safe",
    risk,
    isReversible: declared.reversible === true,
    isRepeatable: risk !== "high" && declared.traits?.mutates !== true && declared.reversible !== false,
    onInFlight: declared.onInFlight ?? "ask",
    approval,
  };
}
