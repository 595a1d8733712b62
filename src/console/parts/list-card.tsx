// The frame of a list: what it needs a token for, its refusals, and how to see more.
import type { ComponentChildren, VNode } from "preact";
import { withRecent } from "../recent";
import type { Latest } from "../use-latest";
import type { Page } from "../use-pages";
import { ProblemNote } from "./problem-note";

interface Props<Item extends { readonly id: string; readonly version: number }> {
  readonly title: string;
  /** What the list shows when there is nothing in it. */
  readonly empty: string;
  readonly hasToken: boolean;
  readonly list: Latest<Page<Item>>;
  /** What was added or changed here, and the list may not show yet. */
  readonly recent: readonly Item[];
  readonly refresh: () => void;
  readonly more: () => void;
  readonly actions?: ComponentChildren;
  readonly children: (items: readonly Item[]) => VNode;
}

/** Lists need a token: without one this says so, and asks for nothing. */
export function ListCard<Item extends { readonly id: string; readonly version: number }>({
  title,
  empty,
  hasToken,
  list: { isBusy, value, problem },
  recent,
  refresh,
  more,
  actions,
  children,
}: Props<Item>): VNode {
  const items = withRecent(value?.items ?? [], recent);
  return (
    <section class="card" aria-label={title}>
      <header class="list-head">
        <h3>{title}</h3>
        {hasToken && (
          <div class="actions">
            {actions}
            <button type="button" class="quiet small" disabled={isBusy} onClick={refresh}>
              Refresh
            </button>
          </div>
        )}
      </header>
      {!hasToken && <p class="empty">Give a token above to see them.</p>}
      <ProblemNote problem={problem} />
      {hasToken && value !== null && items.length === 0 && <p class="empty">{empty}</p>}
      {hasToken && items.length > 0 && children(items)}
      {hasToken && value !== null && value.next !== null && (
        <button type="button" class="quiet small" disabled={isBusy} onClick={more}>
          More
        </button>
      )}
    </section>
  );
}
