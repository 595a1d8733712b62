// The frame of a list: its head, its refusals, and a button for more.
import type { ComponentChildren, VNode } from "preact";
import type { Latest } from "../use-latest";
import type { Page } from "../use-pages";
import { ProblemNote } from "./problem-note";

interface Props<Item> {
  readonly title: string;
  /** Shown in place of an empty list. */
  readonly empty: string;
  readonly list: Latest<Page<Item>>;
  readonly refresh: () => void;
  readonly more?: () => void;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  /** Between the head and the list. */
  readonly filters?: ComponentChildren;
  readonly children: (items: readonly Item[]) => VNode;
}

/** Shows a list, page by page. */
export function ListCard<Item>(props: Props<Item>): VNode {
  const { title, empty, list, refresh, more, actions, filters, children } = props;
  const { isBusy, value, problem } = list;
  return (
    <section class="card" aria-label={title} aria-busy={isBusy}>
      <header class="list-head">
        <h3>{title}</h3>
        <div class="actions">
          {actions}
          <button type="button" class="quiet small" disabled={isBusy} onClick={refresh}>
            Refresh<span class="unseen"> {title}</span>
          </button>
        </div>
      </header>
      {filters}
      <ProblemNote problem={problem} />
      {value !== null && value.items.length === 0 && <p class="empty">{empty}</p>}
      {value !== null && value.items.length > 0 && children(value.items)}
      {value !== null && value.next !== null && more !== undefined && (
        <button type="button" class="quiet small" disabled={isBusy} onClick={more}>
          More<span class="unseen"> {title}</span>
        </button>
      )}
    </section>
  );
}
