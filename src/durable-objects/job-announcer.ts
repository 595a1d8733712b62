// Tells the channels how each run of a job has ended. Events are kept with the end, and handed over until their
// channels have them.
import { v7 } from "uuid";
import { announceEnd } from "../domain/batches/announce-end";
import type { JobSummary } from "../domain/batches/batch";
import type { Announcement, BatchWork } from "../domain/batches/job-record";
import type { JobRecord } from "../domain/jobs/job-record";
import { decided, type Decision } from "../domain/jobs/decision";
import type { JobEvent } from "../domain/jobs/lifecycle";
import type { Channel } from "../domain/notifications/channels";
import type { DomainEvent } from "../domain/notifications/events";
import type { JobStore } from "../storage/job-store";

/** Milliseconds after which the alarm tells the end again, if its channels could not be reached. */
const TELL_AGAIN_MS = 5000;

/** Surroundings of an announcer. */
interface AnnouncerParts {
  readonly store: JobStore;
  /** All that there are now. */
  readonly channels: () => ReadonlyMap<string, Channel>;
  readonly tell: (event: DomainEvent, names: readonly string[]) => Promise<void>;
  /** Sets the alarm. */
  readonly wakeAt: (at: number) => Promise<void>;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
}

/** The events of one job's ends. */
export class JobAnnouncer {
  readonly #parts: AnnouncerParts;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** Saves a decision, with the event of the end if it is one and anybody wants to be told. */
  saved(decision: Decision<BatchWork>): Decision<BatchWork> {
    const { channels, store, summarize } = this.#parts;
    const { record, effects } = decision;
    if (!effects.includes("announce")) {
      store.job = record;
      return decision;
    }
    const now = Date.now();
    const deps = { channels: channels(), newId: v7, now };
    const event = announceEnd(record.work, summarize(record), deps);
    const isAnyUntold = event !== undefined || store.announcements.length > 0;
    const saved = isAnyUntold ? decision : decided({ ...record, isUntold: false }, effects, now);
    if (event === undefined) store.job = saved.record;
    else store.end(saved.record, event);
    return saved;
  }

  /** Hands the events of ends to their channels, which know each by its id, however often this runs. */
  async handOver(): Promise<void> {
    const { wakeAt, store, tell } = this.#parts;
    for (let next = this.#untold; next !== undefined; next = this.#untold) {
      const { event, channels } = next;
      await wakeAt(Date.now() + TELL_AGAIN_MS);
      await tell(event, channels);
      // During the request, this job may have been deleted.
      if (store.job === undefined) return;
      store.announcements = store.announcements.filter(({ event: { id } }) => id !== event.id);
    }
    if (store.job?.isUntold === true) await this.#parts.decide({ type: "told" });
  }

  get #untold(): Announcement | undefined {
    return this.#parts.store.announcements[0];
  }
}
