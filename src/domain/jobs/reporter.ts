// Sends attempts from a lane to its job while others still run: a saved attempt is not repeated after a
// crash, and counts towards the limit of failures.
import type { Attempt, Made } from "./job";
import type { Clock } from "../../lib/clock";

/**
 * Milliseconds after which attempts are reported. A failure is reported at once, since it may be the one that
 * stops the batch.
 */
const REPORT_EVERY_MS = 100;

/** Reports attempts as they come in, one report at a time, until a report resolves with false. */
export class Reporter {
  readonly #report: (made: Made) => Promise<boolean>;
  readonly #clock: Clock;
  #made: (readonly [number, Attempt])[] = [];
  #isWanted = true;
  #dueAt: number;
  #cancelTimer: (() => void) | undefined;
  /** The report in progress. A rejected one is kept, so that everyone who awaits it fails. */
  #sending: Promise<void> | undefined;

  constructor(report: (made: Made) => Promise<boolean>, clock: Clock) {
    this.#report = report;
    this.#clock = clock;
    this.#dueAt = clock.now() + REPORT_EVERY_MS;
  }

  /** Resolves with false if no further item may be started. Rejects if a report did. */
  async isWanted(): Promise<boolean> {
    // A loop, since attempts that came in during a report start the next one.
    while (this.#sending !== undefined) await this.#sending;
    return this.#isWanted;
  }

  /** Records an attempt, and schedules a report. */
  note(index: number, attempt: Attempt): void {
    this.#made.push([index, attempt]);
    if (attempt.status === "failed") this.#dueAt = -Infinity;
    this.#schedule();
  }

  /** Resolves with the attempts that were not reported, after the last item. Rejects if a report did. */
  async end(): Promise<Made> {
    while (this.#sending !== undefined) await this.#sending;
    this.#cancelTimer?.();
    return this.#made;
  }

  #schedule(): void {
    // Once the job wants no more, further attempts are returned by `end` only.
    if (this.#sending !== undefined || !this.#isWanted || this.#made.length === 0) return;
    const wait = this.#dueAt - this.#clock.now();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (wait > 0) this.#cancelTimer = this.#clock.after(wait, () => this.#send());
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
