/** A share with its 95 % Wilson interval. */
export interface Proportion {
  hits: number;
  of: number;
  value: number;
  low: number;
  high: number;
}

const z = 1.96;

export function proportionOf(hits: number, of: number): Proportion {
  if (of === 0) return { hits, of, value: 0, low: 0, high: 1 };
  const share = hits / of;
  const center = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { hits, of, value: share, low: Math.max(0, center - half), high: Math.min(1, center + half) };
}
