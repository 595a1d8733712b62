// Bounded concurrency over a list.

/**
 * The results of `run` on each item, in order, with at most `width` under way at once. A rejection
 * rejects the whole; what is under way is not stopped.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  // All workers draw from one iterator, which hands out each item once.
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
}
