import { RejectedError } from "@plumbline/contracts";
import { z } from "zod";
import { type Proportion, proportionOf } from "./proportion.ts";
import type { LoopVerdict } from "./run-record.ts";

const peerRowSchema = z.object({
  run_id: z.string(),
  peers: z.record(z.string(), z.object({ warn: z.number().nullable(), stop: z.number().nullable() })),
});

/** At which tool call other detectors warned and stopped in one run. */
export type PeerRow = z.infer<typeof peerRowSchema>;

/**
 * One line of a peer file.
 * @throws RejectedError when it is none
 */
export function parsePeerRow(line: string): PeerRow {
  try {
    return peerRowSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new RejectedError("The line is no row of a peer file.", {
      code: "PEER_ROW",
      mend: "Write it with the peers' --json.",
      cause,
    });
  }
}

export interface PeerScore {
  peer: string;
  recall: Proportion;
  precision: Proportion;
}

/** Recall and precision of each peer's stop on the clear verdicts. */
export function scorePeers(rows: readonly PeerRow[], verdicts: readonly LoopVerdict[]): PeerScore[] {
  const byRun = new Map(rows.map((row) => [row.run_id, row.peers]));
  const clear = verdicts.filter((verdict) => verdict.confidence === "clear" && byRun.has(verdict.run_id));
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  return names.map((peer) => {
    const stopped = clear.filter((verdict) => (byRun.get(verdict.run_id)?.[peer]?.stop ?? null) !== null);
    const right = stopped.filter(({ verdict }) => verdict === "true_loop").length;
    const loops = clear.filter(({ verdict }) => verdict === "true_loop").length;
    return { peer, recall: proportionOf(right, loops), precision: proportionOf(right, stopped.length) };
  });
}
