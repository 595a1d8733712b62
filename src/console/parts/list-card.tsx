// The frame of a list: a hint that it needs a token, its refusals, and a button for more.
import type { ComponentChildren, VNode } from "preact";
import { withRecent } from "../recent";
import type { Latest } from "../use-latest";
import type { Page } from "../use-pages";
import { ProblemNote } from "./problem-note";

interface Entry {
  readonly id: string;
  readonly version: number;
}

interface Props<Item extends Entry> {
  readonly title: string;
  /** Shown in place of an empty list. */
  readonly empty: string;
  readonly hasToken: boolean;
  readonly list: Latest<Page<Item>>;
  /** Records added or changed on this page, which the list may not contain yet. */
  readonly recent: readonly Item[];
  readonly refresh: () => void;
  readonly more: () => void;
  readonly actions?: ComponentChildren;
  readonly children: (items: readonly Item[]) => VNode;
}

/** Shows a list. Without a token it says that one is needed, and requests nothing. */
export function ListCard<Item extends Entry>(props: Props<Item>): VNode {
  const { title, hasToken, list, refresh, actions } = props;
  return (
    <section class="card" aria-label={title}>
      <header class="list-head">
        <h3>{title}</h3>
        {hasToken && (
          <div class="actions">
            {actions}
            <button type="button" class="quiet small" disabled={list.isBusy} onClick={refresh}>
              Refresh
            </button>
          </div>
        )}
      </header>
      {hasToken ? <Items {...props} /> : <p class="empty">Give a token above to see them.</p>}
    </section>
  );
}

function Items<Item extends Entry>({ empty, list, recent, more, children }: Props<Item>): VNode {
  const { isBusy, value, problem } = list;
  const items = withRecent(value?.items ?? [], recent);
  const hasMore = value !== null && value.next !== null;
  return (
    <>
      <ProblemNote problem={problem} />
      {items.length > 0 ? children(items) : value !== null && <p class="empty">{empty}</p>}
      {hasMore && (
        <button type="button" class="quiet small" disabled={isBusy} onClick={more}>
          More
        </button>
      )}
    </>
  );
}
