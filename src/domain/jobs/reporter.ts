// Attempts on their way from the lane that makes them to the job that keeps them, while others are under
// way: what is kept is not repeated after a crash, and counts when a batch is to stop.
import type { Attempt, Made } from "./job";
import type { Clock } from "../../lib/clock";

/** Attempts that were made are reported after so long; failures at once: one may have been too many. */
const REPORT_EVERY_MS = 100;

/** Reports attempts as they come in, one report at a time, until one says that no more are wanted. */
export class Reporter {
  readonly #report: (made: Made) => Promise<boolean>;
  readonly #clock: Clock;
  #made: (readonly [number, Attempt])[] = [];
  #isWanted = true;
  #dueAt: number;
  #callOff: (() => void) | undefined;
  /** The report under way; one that has failed stays, for all who ask. */
  #sending: Promise<void> | undefined;

  constructor(report: (made: Made) => Promise<boolean>, clock: Clock) {
    this.#report = report;
    this.#clock = clock;
    this.#dueAt = clock.now() + REPORT_EVERY_MS;
  }

  /** Whether a further item may be started. Rejects where a report did. */
  async isWanted(): Promise<boolean> {
    // A report that ends may be followed at once by one of what came in meanwhile.
    while (this.#sending !== undefined) await this.#sending;
    return this.#isWanted;
  }

  /** Takes an attempt in. */
  note(index: number, attempt: Attempt): void {
    this.#made.push([index, attempt]);
    if (attempt.status === "failed") this.#dueAt = -Infinity;
    this.#schedule();
  }

  /** What was not reported, once all is made. Rejects where a report did. */
  async end(): Promise<Made> {
    while (this.#sending !== undefined) await this.#sending;
    this.#callOff?.();
    return this.#made;
  }

  #schedule(): void {
    // After the last report, what comes in is for the end alone.
    if (this.#sending !== undefined || !this.#isWanted || this.#made.length === 0) return;
    const wait = this.#dueAt - this.#clock.now();
    this.#callOff?.();
    this.#callOff = undefined;
    if (wait > 0) this.#callOff = this.#clock.after(wait, () => this.#send());
    else this.#send();
  }

  #send(): void {
    const news = this.#made;
    this.#made = [];
    this.#dueAt = this.#clock.now() + REPORT_EVERY_MS;
    this.#sending = this.#tell(news);
    this.#sending.catch(() => undefined);
  }

  async #tell(news: Made): Promise<void> {
    this.#isWanted = await this.#report(news);
    this.#sending = undefined;
    this.#schedule();
  }
}
