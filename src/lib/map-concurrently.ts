// Bounded concurrency over a list.

/**
 * Runs `run` on each item, with at most `width` in progress at once, and returns the results in order. A
 * rejection rejects the whole; runs in progress are not stopped.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  // All workers take from one iterator, which yields each item once.
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
}
