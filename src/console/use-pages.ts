// A list that is read and shown a page at a time, so that the page stays small however long the list is.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Latest, useLatest } from "./use-latest";

/** One page, with the cursor of the next. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

type Read<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

/** The page that is shown, and ways to the others; null at an end of the list. */
export interface Pages<Item> {
  readonly list: Latest<Page<Item>>;
  readonly refresh: () => void;
  readonly previous: (() => void) | null;
  readonly next: (() => void) | null;
}

/**
 * Reads the first page, and others on request. Reads the same page anew whenever `news` changes, and the first
 * whenever `read` does.
 *
 * @param news any value that changes whenever the list may have changed
 */
export function usePages<Item>(read: Read<Item>, news: unknown): Pages<Item> {
  const [list, start] = useLatest<Page<Item> & { readonly by: Read<Item> }>();
  const [trail, setTrail] = useState<{ by: Read<Item>; cursors: readonly string[] }>();
  // Cursors hold for the list that gave them alone.
  const cursors = trail?.by === read ? trail.cursors : [];
  const next = list.value?.by === read ? list.value.next : null;
  const cursor = cursors.at(-1);
  const refresh = useCallback(() => {
    start(async (signal) => ({ ...(await read(cursor, signal)), by: read }));
  }, [read, cursor, start]);
  useEffect(refresh, [refresh, news]);
  const wayTo = (to: readonly string[]) => () => setTrail({ by: read, cursors: to });
  return {
    list,
    refresh,
    previous: cursors.length === 0 ? null : wayTo(cursors.slice(0, -1)),
    next: nextOf(),
  };

  function nextOf(): (() => void) | null {
    if (next === null) return null;
    // The results of a batch that runs go on where they ended.
    return next === cursor ? refresh : wayTo([...cursors, next]);
  }
}
