// Merges records changed on this page into a list that was read before.

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** The list with newer versions in their places and new items in front. */
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

/** The recent items with another one, which replaces its earlier version. */
export function addRecent<Item extends Versioned>(recent: readonly Item[], item: Item): Item[] {
  return [item, ...recent.filter(({ id }) => id !== item.id)];
}
