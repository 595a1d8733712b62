// The newest records of a kind, a search through them, and what can be done with each.
import type { ComponentChildren, VNode } from "preact";
import { useCallback, useReducer, useState } from "preact/hooks";
import { useFocus } from "../use-focus";
import { useLatest } from "../use-latest";
import { type Page, usePages } from "../use-pages";
import { useSettled } from "../use-settled";
import { DownloadButton } from "./download-button";
import { Field } from "./field";
import { ListCard } from "./list-card";
import { ProblemNote } from "./problem-note";

/** Characters that the Worker asks of a search. */
const MIN_SEARCH = 3;

interface Entry {
  readonly id: string;
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
  /** A form that changes a record, and calls `onDone` when it has, or is left. */
  readonly editor: (item: Item, onDone: () => void) => VNode;
  readonly filters?: ComponentChildren;
  readonly children: (item: Item) => ComponentChildren;
}

/** Lists records, newest first, each with buttons that change it, and delete it once that was confirmed. */
export function RecordSearch<Item extends Entry>(props: Props<Item>): VNode {
  const { title, kind, empty, read, filters } = props;
  const [search, setSearch] = useState("");
  const [changes, change] = useReducer((times: number, _: void) => times + 1, 0);
  const text = search.trim();
  const isShort = text !== "" && text.length < MIN_SEARCH;
  // A search may read many rows.
  const wanted = useSettled(text === "" || isShort ? undefined : text);
  const readPage = useCallback(
    (cursor: string | undefined, signal: AbortSignal) => read(wanted, cursor, signal),
    [wanted, read],
  );
  const pages = usePages<Item>(readPage, changes);
  return (
    <ListCard
      title={title}
      empty={wanted === undefined ? empty : "None is found."}
      actions={
        <>
          <DownloadButton path={`/${kind}`} format="csv" name={kind} />
          <DownloadButton path={`/${kind}`} format="ndjson" name={kind} />
        </>
      }
      filters={
        <div class="filters">
          <Field
            label={`Search ${kind}`}
            isLabelHidden
            hint={isShort ? `At least ${MIN_SEARCH} characters.` : undefined}
          >
            <input
              type="search"
              dir="auto"
              placeholder={`Search ${kind}`}
              value={search}
              onInput={({ currentTarget }) => setSearch(currentTarget.value)}
            />
          </Field>
          {filters}
        </div>
      }
      {...pages}
    >
      {(items: readonly Item[]) => (
        <ul class="rows">
          {items.map((item) => (
            <Row key={item.id} item={item} {...props} onChange={change} />
          ))}
        </ul>
      )}
    </ListCard>
  );
}

type RowProps<Item extends Entry> = Pick<
  Props<Item>,
  "remove" | "nameOf" | "editor" | "children"
> & { readonly item: Item; readonly onChange: () => void };

function Row<Item extends Entry>(props: RowProps<Item>): VNode {
  const { item, remove, nameOf, editor, children, onChange } = props;
  const [row, focus] = useFocus<HTMLLIElement>();
  const [isEdited, setEdited] = useState(false);
  const [isDoomed, setDoomed] = useState(false);
  const [{ problem, isBusy }, start] = useLatest<null>();
  const edit = (): void => {
    setEdited(true);
    focus("form input");
  };
  const done = (): void => {
    setEdited(false);
    focus("button");
    onChange();
  };
  const confirmOrRemove = (): void => {
    if (!isDoomed) return setDoomed(true);
    return start(async (signal) => {
      await remove(item, signal);
      onChange();
      return null;
    });
  };
  return (
    <li ref={row}>
      {children(item)}
      <div class="actions">
        <button type="button" class="quiet small" aria-expanded={isEdited} onClick={edit}>
          Edit<span class="unseen"> {nameOf(item)}</span>
        </button>
        <button
          type="button"
          class={isDoomed ? "small danger" : "quiet small"}
          disabled={isBusy}
          onClick={confirmOrRemove}
          onBlur={() => setDoomed(false)}
        >
          {isDoomed ? "Really delete" : "Delete"}
          <span class="unseen"> {nameOf(item)}</span>
        </button>
      </div>
      <ProblemNote problem={problem} />
      {isEdited && editor(item, done)}
    </li>
  );
}
