// Fills a table from its copy in KV: at its first use, to import what version 0.1 left there, and on the
// operator's request. Reads page by page within the limits of an invocation, and continues with the alarm.
import { PAGE_OPERATIONS, type KvPage } from "../storage/kv-copy";
import type { Facts } from "../storage/facts";

/** Progress of filling: fact `fill` of a table, absent before the first filling. */
type Fill = { readonly cursor: string | null; readonly isAgain: boolean } | { readonly done: true };

/** Retry-After of requests during the first filling. `runtime/objects.ts` reads it on the other side of RPC. */
const RETRY_AFTER_SECONDS = 5;

/** Milliseconds after which the alarm retries, if KV could not be read. A request retries at once. */
const RETRY_MS = 60_000;

/**
 * Thrown while the first filling is not complete. RPC keeps own fields of errors, so `retryAfterSeconds`
 * reaches the caller.
 */
class NotFilledError extends Error {
  override readonly name = "NotFilledError";
  readonly retryAfterSeconds = RETRY_AFTER_SECONDS;
}

/** Dependencies of a filler. */
export interface FillerParts {
  readonly facts: Facts;
  readPage(cursor: string | null): Promise<KvPage>;
  keep(values: readonly unknown[]): void;
}

/** Fills a table, one page at a time, and remembers how far it got. */
export class Filler {
  readonly #parts: FillerParts;
  #filling: Promise<void> | null = null;
  /** The instant when KV could not be read, until it could again. */
  #failedAt = -Infinity;

  constructor(parts: FillerParts) {
    this.#parts = parts;
  }

  get #fill(): Fill | undefined {
    // Written by this class only, so its shape is known.
    return this.#parts.facts.read("fill") as Fill | undefined;
  }

  get isDone(): boolean {
    const fill = this.#fill;
    return fill !== undefined && "done" in fill;
  }

  /** True if the table can serve requests: only the first filling makes them wait. */
  get isOpen(): boolean {
    const fill = this.#fill;
    return fill !== undefined && ("done" in fill || fill.isAgain);
  }

  /** Starts another filling; requests are served meanwhile. */
  restart(): void {
    this.#parts.facts.write("fill", { cursor: null, isAgain: true });
  }

  /** The instant to continue, in milliseconds since 1970 UTC; Infinity if there is nothing to do. */
  nextDueAt(now: number): number {
    return this.isDone ? Infinity : Math.max(now, this.#failedAt + RETRY_MS);
  }

  /**
   * Fills until done, or until `operations` KV operations are used. Concurrent calls share one run.
   *
   * @throws NotFilledError if it is not done
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
      // Includes KV's error text, by which `runtime/objects.ts` recognises a spent quota.
      throw new NotFilledError(`The table cannot be filled: ${String(error)}`, { cause: error });
    }
  }
}
