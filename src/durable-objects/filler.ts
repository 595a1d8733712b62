// Fills a table from the copy in KV: the first time that a table is asked, which brings over what version
// 0.1 has left there, and when the operator wants it to. Page by page, since one invocation may do only so
// much; what is not done goes on with the alarm.
import { PAGE_OPERATIONS, type KvPage } from "../storage/kv-copy";
import type { Facts } from "../storage/facts";

/** Where filling goes on, or that it is done. Fact `fill` of a table; absent before the first time. */
type Fill = { readonly cursor: string | null; readonly isAgain: boolean } | { readonly done: true };

/** Told to whoever comes while a large copy is read. Read by `runtime/objects.ts`, on the other side of RPC. */
const RETRY_AFTER_SECONDS = 5;

/** A copy in KV that cannot be read is tried again after so long, or with the next request. */
const RETRY_MS = 60_000;

/** The table is not filled yet. Its own fields survive the way to the caller. */
class NotFilledError extends Error {
  override readonly name = "NotFilledError";
  readonly retryAfterSeconds = RETRY_AFTER_SECONDS;
}

/** What a filler reads and writes. */
export interface FillerParts {
  readonly facts: Facts;
  readPage(cursor: string | null): Promise<KvPage>;
  keep(values: readonly unknown[]): void;
}

export class Filler {
  readonly #parts: FillerParts;
  #filling: Promise<void> | null = null;
  /** When KV could not be read, until it can. */
  #failedAt = -Infinity;

  constructor(parts: FillerParts) {
    this.#parts = parts;
  }

  get #fill(): Fill | undefined {
    // Written by this class, so the shape is known.
    return this.#parts.facts.read("fill") as Fill | undefined;
  }

  get isDone(): boolean {
    const fill = this.#fill;
    return fill !== undefined && "done" in fill;
  }

  /** Whether the table can be asked: only the first filling keeps callers waiting. */
  get isOpen(): boolean {
    const fill = this.#fill;
    return fill !== undefined && ("done" in fill || fill.isAgain);
  }

  /** Begins anew, beside whatever the table is asked for. */
  restart(): void {
    this.#parts.facts.write("fill", { cursor: null, isAgain: true });
  }

  /** When to go on by itself, in milliseconds since 1970 UTC; Infinity for never. */
  nextDueAt(now: number): number {
    return this.isDone ? Infinity : Math.max(now, this.#failedAt + RETRY_MS);
  }

  /**
   * Fills for as long as `operations` of KV last. One filling at a time, for all who wait.
   *
   * @throws NotFilledError where that is not to the end
   */
  fill(operations: number): Promise<void> {
    this.#filling ??= this.#run(operations).finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  async #run(operations: number): Promise<void> {
    const { facts } = this.#parts;
    const fill = this.#fill;
    const { isAgain, ...from } =
      fill !== undefined && "cursor" in fill ? fill : { cursor: null, isAgain: false };
    let { cursor } = from;
    for (let left = operations; !this.isDone && left >= PAGE_OPERATIONS; left -= PAGE_OPERATIONS) {
      const page = await this.#readPage(cursor);
      if (page.values.length > 0) this.#parts.keep(page.values);
      ({ cursor } = page);
      facts.write("fill", cursor === null ? { done: true } : { cursor, isAgain });
    }
    if (!this.isDone) throw new NotFilledError("The table is being filled");
  }

  async #readPage(cursor: string | null): Promise<KvPage> {
    try {
      const page = await this.#parts.readPage(cursor);
      this.#failedAt = -Infinity;
      return page;
    } catch (error) {
      this.#failedAt = Date.now();
      // Says why, for the log and for whoever tells a spent quota by its words.
      throw new NotFilledError(`The table cannot be filled: ${String(error)}`, { cause: error });
    }
  }
}
