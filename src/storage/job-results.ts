// Reads the results of a job, page by page.
import { toResult } from "../domain/batches/item-result";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import { hasSucceeded } from "../domain/jobs/counted";
import { NEVER_RUN, type ItemState } from "../domain/jobs/job";
import { mayBeInexact, readExactJson, withDoubles } from "../lib/exact-json";
import { itemsOf } from "./job-rows";
import type { ItemIds } from "./item-ids";
import { parseStates } from "./job-states";

/** Characters of results in one page, about: on their way they are in memory several times, at two bytes each. */
const MAX_PAGE_CHARACTERS = 1024 * 1024;

/** A chunk with what has become of it. `states` and `items` are JSON. */
export type ResultRow = {
  first: number;
  size: number;
  states: string | null;
  items: string | null;
};

/** The results of a page. */
export type ResultRows = Omit<StoredPage, "summary">;

/** A state with its result, wherever that is stored. */
function wholeState(sql: SqlStorage, index: number, state: ItemState): ItemState {
  if (state.status !== "kept") return state;
  const { text } = sql
    .exec<{ text: string }>("SELECT state AS text FROM outputs WHERE item = ?", index)
    .one();
  // Not validated, since only the store writes it.
  return readExactJson(text) as ItemState;
}

/**
 * The outputs of all items that have succeeded, in input order, each read when it is its turn. Numbers are doubles,
 * as operations take them.
 */
export function* readOutputs(sql: SqlStorage): Generator {
  const firsts = sql.exec<{ first: number }>(
    "SELECT first FROM progress WHERE succeeded > 0 ORDER BY first",
  );
  for (const { first } of firsts.toArray()) {
    const { states } = sql
      .exec<{ states: string }>("SELECT states FROM progress WHERE first = ?", first)
      .one();
    // Once for all of them: the text is long.
    const isAnyInexact = mayBeInexact(states);
    for (const [offset, state] of parseStates(states).entries()) {
      if (!hasSucceeded(state)) continue;
      const whole = wholeState(sql, first + offset, state);
      const isPlain = whole === state && !isAnyInexact;
      if (whole.status === "succeeded") yield isPlain ? whole.output : withDoubles(whole.output);
    }
  }
}

/** A page, and what of it is known of its job. */
export type WholeQuery = ResultsQuery & {
  readonly isOver: boolean;
  /** True if items make records, whose tables alone keep what has succeeded: such an item is stored as null. */
  readonly makesRecords: boolean;
};

/** Chunks with results. */
export interface ResultSource {
  /** The chunks of a page, in order. */
  rows(query: ResultsQuery, isRunning: boolean): Iterable<ResultRow>;
  /** The ids of a chunk's items; null if none has one. */
  idsOf(first: number): readonly (string | null)[] | null;
  /** A state with its result. */
  whole(index: number, state: ItemState): ItemState;
  /** The index after the last item. */
  end(): number;
}

/** The results of a job. @param ids null if no item has one */
export function jobSource(sql: SqlStorage, ids: ItemIds | null): ResultSource {
  return {
    rows: ({ from, only, isInputWanted }, isRunning) =>
      sql.exec<ResultRow>(
        `SELECT c.first, c.size, p.states, ${isInputWanted === true ? "c.items" : "NULL AS items"}
         FROM chunks c LEFT JOIN progress p ON p.first = c.first
         WHERE c.first >= (SELECT coalesce(max(first), 0) FROM chunks WHERE first <= ?)
         AND (${WANTED[only ?? "all"]} ${isRunning ? `OR ${WANTED.pending}` : ""})
         ORDER BY c.first`,
        from,
      ),
    idsOf: (first) => ids?.of(first) ?? null,
    whole: (index, state) => wholeState(sql, index, state),
    end: () =>
      sql.exec<{ end: number }>("SELECT coalesce(max(first + size), 0) AS end FROM chunks").one()
        .end,
  };
}

/** One page of results from an index on, in input order: at most `limit`, fewer if they are large. */
export function readResults(source: ResultSource, query: WholeQuery): ResultRows {
  return new ResultsPage(source, query).read();
}

class ResultsPage {
  readonly #source: ResultSource;
  readonly #query: WholeQuery;
  readonly #lines: string[] = [];
  #characters = 0;
  /** The first item of those looked at that has not ended: what comes after it is read again. */
  #unfinished: number | null = null;

  constructor(source: ResultSource, query: WholeQuery) {
    this.#source = source;
    this.#query = query;
  }

  read(): ResultRows {
    const { from, only } = this.#query;
    const next = this.#readChunks();
    const resumeAt = only === "pending" ? from : (this.#unfinished ?? next ?? this.#source.end());
    return { lines: this.#lines.join("\n"), next: this.#isRunning ? resumeAt : next };
  }

  get #isRunning(): boolean {
    return !this.#query.isOver && this.#query.isWhole !== true;
  }

  /** Returns where the page is full, or null at the end. */
  #readChunks(): number | null {
    const { only } = this.#query;
    const stopsAtUnfinished = only === null && this.#isRunning;
    for (const row of this.#source.rows(this.#query, this.#isRunning)) {
      // Nothing of a chunk that was never run has ended.
      const isNews = row.states !== null || only === "pending" || this.#unfinished === null;
      if (!isNews) continue;
      const states = row.states === null ? unrun(row.size) : parseStates(row.states);
      const full = this.#readChunk(row, states, stopsAtUnfinished);
      if (full !== null) return full === STOPPED ? this.#unfinished : full;
    }
    return null;
  }

  /** Returns the index at which the page is full, STOPPED at an unfinished item, or null. */
  #readChunk({ first, size, items }: ResultRow, states: readonly ItemState[], stops: boolean) {
    const ids = this.#source.idsOf(first) ?? [];
    const inputs = items === null ? [] : itemsOf({ size, items });
    for (const [offset, state] of states.entries()) {
      if (first + offset < this.#query.from) continue;
      const end = this.#mayAdd(first + offset, state, stops);
      if (end === null) this.#add(first + offset, state, ids[offset], inputs[offset]);
      else if (end !== SKIPPED) return end;
    }
    return null;
  }

  /** Returns null for an item of this page, SKIPPED for one that is not wanted, or where the page ends. */
  #mayAdd(index: number, state: ItemState, stops: boolean): number | null {
    if (state.status === "pending") this.#unfinished ??= index;
    if (stops && this.#unfinished !== null) return STOPPED;
    if (!isWanted(state, this.#query.only)) return SKIPPED;
    return this.#isFull ? index : null;
  }

  get #isFull(): boolean {
    const count = this.#lines.length;
    return count === this.#query.limit || (count > 0 && this.#characters > MAX_PAGE_CHARACTERS);
  }

  #add(index: number, state: ItemState, id: string | null = null, input: unknown): void {
    const result = toResult(index, this.#source.whole(index, state));
    const { isInputWanted, makesRecords } = this.#query;
    const isKept = input !== null || !makesRecords;
    const line = JSON.stringify({
      ...result,
      ...(id !== null && { id }),
      ...(isInputWanted === true && isKept && { input }),
    });
    this.#characters += line.length;
    this.#lines.push(line);
  }
}

const STOPPED = -1;
const SKIPPED = -2;

/** Conditions for chunks in which there is something to be found. */
const WANTED = {
  all: "p.succeeded + p.failed > 0",
  succeeded: "p.succeeded > 0",
  failed: "p.failed > 0",
  pending: "p.pending IS NULL OR p.pending > 0",
} as const;

function unrun(size: number): ItemState[] {
  return Array.from({ length: size }, () => NEVER_RUN);
}

function isWanted(state: ItemState, only: ResultsQuery["only"]): boolean {
  if (only === "pending" || state.status === "pending")
    return only === "pending" && state.status === "pending";
  return only === null || hasSucceeded(state) === (only === "succeeded");
}
