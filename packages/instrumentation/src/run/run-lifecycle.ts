import { isTerminal, mayMove, RejectedError, type RunStatus, type StopReason } from "@plumbline/contracts";

/** Why a run moves. */
export interface MoveReason {
  /** Null for a move that is no stop. */
  stopReason: StopReason | null;
  /** Why, for a person. */
  message: string;
}

export interface RunMove extends MoveReason {
  from: RunStatus;
  to: RunStatus;
}

/** What keeps a run from going on for a while. */
export type HoldStatus = Extract<RunStatus, "paused" | "awaiting_approval">;

const noReason: MoveReason = { stopReason: null, message: "" };

interface Hold {
  status: HoldStatus;
  why: MoveReason;
}

/**
 * Owns: the state of one run in this process. It moves along the table of allowed moves and nowhere else; every move is
 * told to `onMove`, in order. Several calls can be held at once: the run is held until the last of them goes on, and a
 * pause outranks an approval.
 */
export class RunLifecycle {
  private readonly runId: string;
  private readonly onMove: (move: RunMove) => void;
  private readonly holds = new Set<Hold>();
  private current: RunStatus;

  constructor(
    runId: string,
    initial: Extract<RunStatus, "queued" | "running">,
    onMove: (move: RunMove) => void,
  ) {
    this.runId = runId;
    this.current = initial;
    this.onMove = onMove;
  }

  get status(): RunStatus {
    return this.current;
  }

  /** @throws RejectedError naming both states when the table does not allow the move */
  move(to: RunStatus, why: MoveReason = noReason): void {
    const from = this.current;
    if (!mayMove(from, to)) {
      throw new RejectedError(`Run ${this.runId} can't go from ${from} to ${to}.`, {
        code: "ILLEGAL_MOVE",
        mend: isTerminal(from) ? "It has ended; begin a new run." : "See the table of moves in the guide.",
      });
    }
    this.current = to;
    this.onMove({ from, to, ...why });
  }

  /** Shows the run as held until the returned function is called. A run that is stopping or over stays what it is. */
  hold(status: HoldStatus, why: MoveReason): () => void {
    const hold: Hold = { status, why };
    this.holds.add(hold);
    this.settle();
    return () => {
      if (this.holds.delete(hold)) this.settle();
    };
  }

  /** Asked to end, with calls still under way. */
  stopping(why: MoveReason): void {
    if (mayMove(this.current, "stopping")) this.move("stopping", why);
  }

  /**
   * Comes to its end, by way of `stopping` where the table has no direct move. A run that ends as paused can be resumed.
   * @throws RejectedError when it has ended already
   */
  end(status: Extract<RunStatus, "completed" | "failed" | "killed" | "paused">, why: MoveReason): void {
    this.holds.clear();
    if (this.current === status && status === "paused") return;
    if (!mayMove(this.current, status)) this.move("stopping", why);
    this.move(status, why);
  }

  private settle(): void {
    const held = this.strongestHold();
    const wanted: RunStatus = held?.status ?? "running";
    const isMovable =
      this.current === "running" || this.current === "paused" || this.current === "awaiting_approval";
    if (!isMovable || wanted === this.current) return;
    if (!mayMove(this.current, wanted)) this.move("running");
    this.move(wanted, held?.why);
  }

  private strongestHold(): Hold | undefined {
    const holds = [...this.holds];
    return holds.find((hold) => hold.status === "paused") ?? holds[0];
  }
}
