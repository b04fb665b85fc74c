/** The tool call that a stuck agent makes again and again. */
export const stuckCall = { name: "find_orders", arguments: { q: "ada@example.com" } } as const;
/** What comes back each time. */
export const stuckResult = { rows: [] } as const;
