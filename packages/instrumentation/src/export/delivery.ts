/** What became of one request to the receiver. */
export type Delivery =
  | { type: "delivered"; rejected: number }
  | { type: "refused"; why: string }
  | { type: "failed"; why: string; retryAfterMs: number | undefined };

/** Sends a batch; never throws. */
export type SendBatch<Item> = (items: readonly Item[]) => Promise<Delivery>;
