// Merges sequences that are sorted already.

/** Merges sources, each of which is sorted. Reads one item of each source ahead, and no more. */
export function* mergeOrdered<Item>(
  sources: readonly Iterable<Item>[],
  isBefore: (one: Item, other: Item) => boolean,
): Generator<Item> {
  let heads = sources.flatMap((source) => advance(source[Symbol.iterator]()));
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (isBefore(b.item, a.item) ? b : a));
    yield first.item;
    heads = heads.flatMap((head) => (head === first ? advance(head.rest) : [head]));
  }
}

function advance<Item>(rest: Iterator<Item>): { item: Item; rest: Iterator<Item> }[] {
  const next = rest.next();
  return next.done === true ? [] : [{ item: next.value, rest }];
}
