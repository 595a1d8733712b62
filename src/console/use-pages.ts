// A list that is loaded page by page.
import { useCallback, useEffect } from "preact/hooks";
import { type Latest, useLatest } from "./use-latest";

/** One page, with the cursor of the next. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

type Read<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

/**
 * The pages loaded so far as one list. Reloads when `read` or `news` changes.
 *
 * @param news any value that changes whenever the list may have changed
 */
export function usePages<Item>(
  read: Read<Item>,
  news: unknown,
): {
  readonly list: Latest<Page<Item>>;
  readonly refresh: () => void;
  readonly more: () => void;
} {
  const [list, start] = useLatest<Page<Item>>();
  const refresh = useCallback(() => {
    start((signal) => read(undefined, signal));
  }, [read, start]);
  useEffect(refresh, [refresh, news]);
  const more = (): void => {
    const { value } = list;
    if (value === null || value.next === null) return;
    const { items, next } = value;
    start(async (signal) => {
      const page = await read(next, signal);
      return { items: [...items, ...page.items], next: page.next };
    });
  };
  return { list, refresh, more };
}
