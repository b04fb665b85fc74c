export interface CoPartitionInput {
  members: readonly string[];
  partitionCount: number;
  /** Owner by partition number before; owners that are no members any more are ignored. */
  previous: ReadonlyMap<number, string>;
}

function heldBefore({ members, partitionCount, previous }: CoPartitionInput): Map<string, number[]> {
  const held = new Map<string, number[]>(members.map((member) => [member, []]));
  for (let partition = 0; partition < partitionCount; partition += 1) {
    const owner = previous.get(partition);
    if (owner !== undefined) held.get(owner)?.push(partition);
  }
  return held;
}

/**
 * Who owns which partition number (of all topics of the group alike). Every number has one owner, the counts of any two
 * members differ by at most one, and as many numbers as that allows stay where they were. Depends on nothing but its input.
 */
export function coPartition(input: CoPartitionInput): Map<number, string> {
  const { members, partitionCount } = input;
  const owners = new Map<number, string>();
  if (members.length === 0) return owners;
  const held = heldBefore(input);
  const countOf = (member: string): number => held.get(member)?.length ?? 0;
  const ranked = [...held.keys()].sort((a, b) => countOf(b) - countOf(a) || (a < b ? -1 : 1));
  const share = Math.floor(partitionCount / ranked.length);
  const larger = partitionCount % ranked.length;
  const room = ranked.map((member, rank) => {
    const quota = rank < larger ? share + 1 : share;
    const kept = (held.get(member) ?? []).slice(0, quota);
    for (const partition of kept) owners.set(partition, member);
    return { member, free: quota - kept.length };
  });
  let partition = 0;
  for (const { member, free } of room) {
    for (let taken = 0; taken < free; partition += 1) {
      if (owners.has(partition)) continue;
      owners.set(partition, member);
      taken += 1;
    }
  }
  return owners;
}
