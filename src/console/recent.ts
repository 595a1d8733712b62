// Lists come from a store that is replicated, and may not show yet what was done here a moment ago.

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** The list with what is known to be newer: changed items in their places, new ones in front. */
export function withRecent<Item extends Versioned>(
  items: readonly Item[],
  recent: readonly Item[],
): Item[] {
  const known = new Map(recent.map((item) => [item.id, item]));
  const listed = new Set(items.map(({ id }) => id));
  const unlisted = recent.filter(({ id }) => !listed.has(id));
  const newest = items.map((item) => {
    const other = known.get(item.id);
    return other !== undefined && other.version > item.version ? other : item;
  });
  return [...unlisted, ...newest];
}

/** The recent items with another one, which takes the place of its earlier version. */
export function addRecent<Item extends Versioned>(recent: readonly Item[], item: Item): Item[] {
  return [item, ...recent.filter(({ id }) => id !== item.id)];
}
