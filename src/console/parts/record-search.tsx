// The newest records of a kind, a search through them, and what can be done with each.
import type { ComponentChildren, VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages, type Page } from "../use-pages";
import { DownloadButton } from "./download-button";
import { Field } from "./field";
import { ProblemNote } from "./problem-note";

/** Characters that the Worker asks of a search. */
const MIN_SEARCH = 3;

interface Entry {
  readonly id: string;
  readonly version: number;
}

interface Props<Item extends Entry> {
  readonly title: string;
  readonly kind: "users" | "tasks";
  readonly empty: string;
  readonly read: (
    search: string | undefined,
    cursor: string | undefined,
    signal: AbortSignal,
  ) => Promise<Page<Item>>;
  readonly remove: (item: Item, signal: AbortSignal) => Promise<void>;
  /** Names a record for those who hear the page. */
  readonly nameOf: (item: Item) => string;
  readonly children: (item: Item) => ComponentChildren;
}

/** Lists records, newest first, each with a button that deletes it once that was confirmed. */
export function RecordSearch<Item extends Entry>(props: Props<Item>): VNode {
  const { title, kind, empty, read, remove, nameOf, children } = props;
  const { token } = useSession();
  const [search, setSearch] = useState("");
  const [removed, setRemoved] = useState(0);
  const [doomed, setDoomed] = useState<string | null>(null);
  const [{ problem, isBusy }, start] = useLatest<null>();
  const wanted = search.trim().length >= MIN_SEARCH ? search.trim() : undefined;
  const readPage = useMemo(
    () =>
      token === ""
        ? null
        : (cursor: string | undefined, signal: AbortSignal) => read(wanted, cursor, signal),
    [token, wanted, read],
  );
  const { list, refresh, more } = usePages<Item>(readPage, removed);
  const confirmOrRemove = (item: Item): void => {
    if (doomed !== item.id) return setDoomed(item.id);
    return start(async (signal) => {
      await remove(item, signal);
      setDoomed(null);
      setRemoved((times) => times + 1);
      return null;
    });
  };
  return (
    <section class="card" aria-label={title}>
      <header class="list-head">
        <h3>{title}</h3>
        <div class="actions">
          <DownloadButton path={`/${kind}`} format="csv" name={kind} />
          <DownloadButton path={`/${kind}`} format="ndjson" name={kind} />
          <button type="button" class="quiet small" disabled={list.isBusy} onClick={refresh}>
            Refresh<span class="unseen"> {title}</span>
          </button>
        </div>
      </header>
      <Field label={`Search ${kind}`} hint={`At least ${MIN_SEARCH} characters.`}>
        <input
          type="search"
          dir="auto"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      </Field>
      <ProblemNote problem={problem ?? list.problem} />
      {list.value?.items.length === 0 && <p class="empty">{wanted ? "None is found." : empty}</p>}
      <ul class="rows">
        {list.value?.items.map((item) => (
          <li key={item.id}>
            {children(item)}
            <div class="actions">
              <button
                type="button"
                class="quiet small"
                disabled={isBusy}
                onClick={() => confirmOrRemove(item)}
                onBlur={() => setDoomed(null)}
              >
                {doomed === item.id ? "Really delete" : "Delete"}
                <span class="unseen"> {nameOf(item)}</span>
              </button>
            </div>
          </li>
        ))}
      </ul>
      {list.value !== null && list.value.next !== null && (
        <button type="button" class="quiet small" disabled={list.isBusy} onClick={more}>
          More<span class="unseen"> {kind}</span>
        </button>
      )}
    </section>
  );
}
