// The ways from a page of a list to the one before and the one after.
import type { VNode } from "preact";
import type { Pages } from "../use-pages";

/** Two buttons, if there is more than one page. `of` names the list for those who hear the page. */
export function Pager({
  of,
  previous,
  next,
}: Pick<Pages<unknown>, "previous" | "next"> & { of: string }): VNode | null {
  if (previous === null && next === null) return null;
  return (
    <div class="actions" role="group" aria-label={`Pages of ${of}`}>
      <Turn name="Previous" of={of} turn={previous} />
      <Turn name="Next" of={of} turn={next} />
    </div>
  );
}

/** Stays focusable at an end of the list: a button that is disabled would lose the focus of who pressed it. */
function Turn({ name, of, turn }: { name: string; of: string; turn: (() => void) | null }): VNode {
  return (
    <button
      type="button"
      class="quiet small"
      aria-disabled={turn === null}
      onClick={turn ?? undefined}
    >
      {name}
      <span class="unseen"> page of {of}</span>
    </button>
  );
}
