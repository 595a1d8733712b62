// The frame of a list: its head, its refusals, and the ways to its other pages.
import type { ComponentChildren, VNode } from "preact";
import type { Pages } from "../use-pages";
import { Pager } from "./pager";
import { ProblemNote } from "./problem-note";

interface Props<Item> extends Pages<Item> {
  readonly title: string;
  /** Shown in place of an empty list. */
  readonly empty: string;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  /** Between the head and the list. */
  readonly filters?: ComponentChildren;
  readonly children: (items: readonly Item[]) => VNode;
}

/** Shows a list, page by page. */
export function ListCard<Item>(props: Props<Item>): VNode {
  const { title, empty, list, refresh, previous, next, actions, filters, children } = props;
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
      {value === null && isBusy && problem === null && <p class="empty">One moment…</p>}
      {value !== null && value.items.length === 0 && (
        // A search ends its page after so many rows, whatever it has found.
        <p class="empty">{next === null ? empty : "None so far. “Next” looks further."}</p>
      )}
      {value !== null && value.items.length > 0 && children(value.items)}
      <Pager of={title} previous={previous} next={next} />
    </section>
  );
}
