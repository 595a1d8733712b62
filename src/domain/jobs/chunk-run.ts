// Runs the chunks of a job that only computes: one after another, in the job's own object.
import {
  advance,
  NEVER_RUN,
  RESULT_TOO_LARGE,
  type Attempt,
  type Chunk,
  type ChunkStore,
  type DueItem,
  type ItemState,
  type Made,
} from "./job";
import { restAfterJson } from "../../lib/is-json-longer";
import type { Rest } from "./window-run";

/** Takes attempts, each once; resolves with false if no further item may be run. */
export type Report = (made: Made) => Promise<boolean>;

/** Surroundings of a run. */
export interface ChunkRunDeps {
  readonly store: Pick<ChunkStore, "unfinished" | "load" | "save" | "keep">;
  /** Attempts the items of one chunk, in order, and reports them. Those that it does not report stay due. */
  readonly runChunk: (due: readonly DueItem[], report: Report) => Promise<void>;
  /** True if an attempt has no effect besides its result, which can be dropped then. */
  readonly isPure: boolean;
  readonly maxAttempts: number;
  /** Milliseconds to wait after so many attempts. */
  readonly delay: (attempts: number) => number;
  /**
   * Returns false once no further item may be run.
   *
   * @param unsaved items that have failed and are not saved yet
   */
  readonly mayRun: (unsaved: number) => boolean;
  /** Lets other events of the object be handled. */
  readonly yieldToOthers: () => Promise<void>;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** Items after which others get their turn: a turn of the event loop takes as long as running hundreds of texts. */
const ITEMS_PER_TURN = 4000;
/** Items that are so heavy that they are reported one by one, after which others get their turn. */
const REPORTS_PER_TURN = 20;
/** Milliseconds after which the states of a running chunk are saved, so that progress is visible. */
const SAVE_EVERY_MS = 1000;
/**
 * Characters of a result, as JSON, that is stored by itself at once: V8 grows by what lives for long. It is so with
 * shorter ones, too, once a chunk has so many characters of results.
 */
export const LARGE_CHARACTERS = 8000;
const SHORT_CHARACTERS = 200;
const CHUNK_CHARACTERS = 256 * 1024;

/** Runs all chunks that are due. @returns the rest that follows */
export async function runChunks(deps: ChunkRunDeps): Promise<Rest> {
  const { store, mayRun, yieldToOthers, now } = deps;
  let sinceTurn = 0;
  let dueAt = Infinity;
  let waiting = 0;
  for (const first of store.unfinished()) {
    if (!mayRun(0)) return { nextAt: now(), waiting: null, hasOutage: false };
    const run = new ChunkRun(deps, store.load(first));
    const isRun = await run.run();
    if (!isRun) return { nextAt: now(), waiting: null, hasOutage: true };
    for (const state of run.states) {
      if (state.status !== "pending") continue;
      waiting += 1;
      dueAt = Math.min(dueAt, state.dueAt);
    }
    sinceTurn += run.states.length;
    if (sinceTurn >= ITEMS_PER_TURN) await yieldToOthers();
    if (sinceTurn >= ITEMS_PER_TURN) sinceTurn = 0;
  }
  if (waiting === 0) return { nextAt: null, waiting: null, hasOutage: false };
  return { nextAt: dueAt, waiting: { items: waiting, until: dueAt }, hasOutage: false };
}

/** One chunk while it runs. */
class ChunkRun {
  states: ItemState[];
  readonly #deps: ChunkRunDeps;
  readonly #chunk: Chunk;
  #failures = 0;
  #reports = 0;
  #savedAt: number;
  #hasNews = false;
  /** Characters of results that may still be held until they are saved. */
  #room = CHUNK_CHARACTERS;

  constructor(deps: ChunkRunDeps, chunk: Chunk) {
    this.#deps = deps;
    this.#chunk = chunk;
    this.#savedAt = deps.now();
    this.states = [...(chunk.states ?? chunk.items.map(() => NEVER_RUN))];
  }

  /** Runs what is due. @returns false if the chunk could not be run */
  async run(): Promise<boolean> {
    const due = this.#due();
    if (due.length === 0) return true;
    const isRun = await this.#deps
      .runChunk(due, (made) => this.#report(made))
      .then(() => true)
      .catch((error: unknown) => {
        console.error(JSON.stringify({ level: "error", event: "chunk", error: String(error) }));
        return false;
      });
    if (this.#hasNews) this.#save();
    return isRun;
  }

  #due(): DueItem[] {
    const { first, items } = this.#chunk;
    const now = this.#deps.now();
    return items.flatMap((item, offset) => {
      const state = this.states[offset];
      const isDue = state?.status === "pending" && state.dueAt <= now;
      return isDue ? [{ index: first + offset, item, attempts: state.attempts }] : [];
    });
  }

  async #report(made: Made): Promise<boolean> {
    this.#note(made);
    this.#reports += 1;
    if (this.#reports % REPORTS_PER_TURN === 0) await this.#deps.yieldToOthers();
    if (this.#hasNews && this.#deps.now() - this.#savedAt >= SAVE_EVERY_MS) this.#save();
    return this.#deps.mayRun(this.#failures);
  }

  #note(made: Made): void {
    const { maxAttempts, delay, mayRun, isPure, now } = this.#deps;
    for (const [index, attempt] of made) {
      const offset = index - this.#chunk.first;
      const before = this.states[offset];
      if (before?.status !== "pending") continue;
      const ended = (by: Attempt) => advance(before, by, { maxAttempts, delay }, now());
      const given = ended(attempt);
      const held = given.status === "succeeded" ? this.#held(index, given) : given;
      const state = held ?? ended(RESULT_TOO_LARGE);
      this.states[offset] = state;
      this.#hasNews = true;
      if (state.status !== "failed") continue;
      this.#failures += 1;
      // Results beyond the limit of failures are dropped.
      if (isPure && !mayRun(this.#failures)) return;
    }
  }

  /** The state of an item that has succeeded as it is held, with its result or without it; null if that is too large. */
  #held(index: number, state: Extract<ItemState, { status: "succeeded" }>): ItemState | null {
    const most = this.#room < 0 ? SHORT_CHARACTERS : LARGE_CHARACTERS;
    const left = restAfterJson(state.output, most);
    if (left < 0) return this.#deps.store.keep(index, state);
    this.#room -= most - left;
    return state;
  }

  #save(): void {
    const { store, now } = this.#deps;
    this.#savedAt = now();
    this.#failures = 0;
    this.#hasNews = false;
    this.states = store.save(this.#chunk, this.states, this.#savedAt);
  }
}
