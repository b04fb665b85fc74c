/** Fewest single-character edits that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, character] of from.split("").entries()) {
    const current = [row + 1];
    for (const [column, other] of to.split("").entries()) {
      const replaced = (previous[column] ?? 0) + (character === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

const longest = 64;

function distanceOf(wanted: string, id: string): number {
  if (id.includes(wanted)) return 0;
  const from = wanted.slice(0, longest).toLowerCase();
  const to = id.toLowerCase();
  return Math.min(editDistance(from, to.slice(0, from.length)), editDistance(from, to.slice(-from.length)));
}

/** The ids that someone who typed `wanted` most likely meant, best first; none that shares less than half with it. */
export function nearMatches(wanted: string, ids: readonly string[], count = 3): string[] {
  return ids
    .map((id) => ({ id, distance: distanceOf(wanted, id) }))
    .filter(({ distance }) => distance <= Math.min(wanted.length, longest) / 2)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ id }) => id);
}
