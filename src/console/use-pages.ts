// A list that is read page by page.
import { useCallback, useEffect } from "preact/hooks";
import { type Latest, useLatest } from "./use-latest";

/** One page, and where the next begins. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

type Read<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

/**
 * The pages so far as one. They are read afresh when `read` or `news` changes, and nothing is read as
 * long as `read` is null.
 *
 * @param news anything that is another whenever the list may be
 */
export function usePages<Item>(
  read: Read<Item> | null,
  news: unknown,
): {
  readonly list: Latest<Page<Item>>;
  readonly refresh: () => void;
  readonly more: () => void;
} {
  const [list, start] = useLatest<Page<Item>>();
  const refresh = useCallback(() => {
    if (read !== null) start((signal) => read(undefined, signal));
  }, [read, start]);
  useEffect(refresh, [refresh, news]);
  const more = (): void => {
    const { value } = list;
    if (read === null || value === null || value.next === null) return;
    const { items, next } = value;
    start(async (signal) => {
      const page = await read(next, signal);
      return { items: [...items, ...page.items], next: page.next };
    });
  };
  return { list, refresh, more };
}
