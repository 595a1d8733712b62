// The alarm of an object as the platform keeps it: it rings at least once, is repeated after a throw or a
// crash, and is dropped after six repeats that threw.
import { check } from "./runner";

const MAX_RETRIES = 6;
const FIRST_RETRY_MS = 2000;

/** The platform's alarm of one object, as far as the schedules need it. */
export class PlatformAlarm {
  /** The instant at which it fires; null for never. */
  at: number | null = null;
  /** Its handler runs. */
  isRinging = false;
  #retries = 0;

  /** Starts the handler. @returns once it has ended */
  async ring(handler: () => Promise<void>, now: () => number): Promise<void> {
    this.at = null;
    this.isRinging = true;
    const lives = this.#lives;
    let hasFailed = false;
    try {
      await handler();
    } catch {
      hasFailed = true;
    }
    // After a crash it is another handler's turn.
    if (lives !== this.#lives) return;
    this.isRinging = false;
    const isRepeated = hasFailed && this.at === null && this.#retries < MAX_RETRIES;
    if (isRepeated) this.at = now() + FIRST_RETRY_MS * 2 ** this.#retries;
    this.#retries = isRepeated ? this.#retries + 1 : 0;
  }

  /** The object is gone; a handler that ran is repeated. */
  crash(now: number): void {
    this.#lives += 1;
    if (this.isRinging) this.at ??= now;
    this.isRinging = false;
  }

  /** It rings in time for what is due at an instant. */
  checkCovers(dueAt: number, slackMs: number): void {
    const covers = this.isRinging || (this.at !== null && this.at <= dueAt + slackMs);
    check(covers, "while something is to be done, an alarm is set for it");
  }

  #lives = 0;
}
