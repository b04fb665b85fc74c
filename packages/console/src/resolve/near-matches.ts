/**
 * Fewest single-character edits that turn one text into the other; anything greater than `limit` when there are more.
 * Hundreds of ids are looked at for one wrong one, while commands wait: nothing is made anew for each row.
 */
function editDistance(from: string, to: string, limit: number): number {
  let previous = Uint8Array.from({ length: to.length + 1 }, (_, index) => index);
  let current = new Uint8Array(to.length + 1);
  for (let row = 1; row <= from.length; row += 1) {
    let least = row;
    current[0] = row;
    for (let column = 1; column <= to.length; column += 1) {
      const replaced =
        (previous[column - 1] ?? 0) + (from.charCodeAt(row - 1) === to.charCodeAt(column - 1) ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const removed = (previous[column] ?? 0) + 1;
      const distance = Math.min(replaced, inserted, removed);
      current[column] = distance;
      least = Math.min(least, distance);
    }
    if (least > limit) return least;
    [previous, current] = [current, previous];
  }
  return previous[to.length] ?? 0;
}

/** Distances stay below 256. */
const longest = 64;

function distanceOf(wanted: string, id: string, limit: number): number {
  if (id.includes(wanted)) return 0;
  const from = wanted.slice(0, longest).toLowerCase();
  const to = id.toLowerCase();
  const ofBeginning = editDistance(from, to.slice(0, from.length), limit);
  return Math.min(ofBeginning, editDistance(from, to.slice(-from.length), Math.min(limit, ofBeginning)));
}

/** The ids that someone who typed `wanted` most likely meant, best first; none that shares less than half with it. */
export function nearMatches(wanted: string, ids: readonly string[], count = 3): string[] {
  const limit = Math.min(wanted.length, longest) / 2;
  return ids
    .map((id) => ({ id, distance: distanceOf(wanted, id, limit) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ id }) => id);
}
