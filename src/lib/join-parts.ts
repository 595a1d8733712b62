// Joins many small parts into a text. A text that is made of each part alone would hold them all, until it is read.

/** Parts that are joined at a time. */
const JOINED = 512;

/** The parts as one text. Each is read when it is its turn, and not kept. */
export function joinParts(parts: Iterable<string>): string {
  return Array.from(groupsOf(parts), (group) => group.join("")).join("");
}

/** The parts as one text, the last one first. */
export function joinReversed(parts: Iterable<string>): string {
  return Array.from(groupsOf(parts), (group) => group.toReversed().join(""))
    .toReversed()
    .join("");
}

function* groupsOf(parts: Iterable<string>): Generator<string[]> {
  let group: string[] = [];
  for (const part of parts) {
    group.push(part);
    if (group.length < JOINED) continue;
    yield group;
    group = [];
  }
  yield group;
}
