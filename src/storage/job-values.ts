// The small values of a job, in the synchronous key-value table of its object.
//
// Keys: `flight`, the attempts in flight that must not be repeated unknowingly, written as they start; `gates`, the
// hosts that have refused calls; `summary`, what was made of the outputs; `announcements`, the events of the ends of
// runs until they are told; `stage`, the name of what was stored before the submit. Writer: the job alone. Lifetime:
// that of the job.
import type { Announcement } from "../domain/batches/job-record";
import type { OutputSummary } from "../domain/batches/output-summary";
import type { Gate } from "../domain/jobs/gate";
import type { Flight } from "../domain/jobs/job";
import { readExactJson } from "../lib/exact-json";

/** A summary of outputs as it is kept. */
interface KeptSummary {
  /** Times that its making was begun in vain. */
  readonly tries: number;
  readonly made: OutputSummary | null;
}

/** Values beside the rows of a job. None is validated, since nothing else writes them. */
export class JobValues {
  readonly #kv: SyncKvStorage;
  #flight: Flight | null | undefined;
  #summary: KeptSummary | null | undefined;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** The events of the ends of runs, until they are told. */
  get announcements(): readonly Announcement[] {
    return this.#kv.get<Announcement[]>("announcements") ?? [];
  }

  set announcements(announcements: readonly Announcement[]) {
    this.#set("announcements", announcements.length === 0 ? undefined : announcements);
  }

  /** The summary of the outputs; null before the first time. */
  get summary(): KeptSummary | null {
    if (this.#summary === undefined) this.#summary = this.#kv.get<KeptSummary>("summary") ?? null;
    return this.#summary;
  }

  set summary(summary: KeptSummary) {
    this.#set("summary", summary);
    this.#summary = summary;
  }

  get flight(): Flight | null {
    // As JSON: a structured clone would lose numbers that are kept as their source.
    if (this.#flight === undefined)
      this.#flight = readExactJson(this.#kv.get<string>("flight") ?? "null") as Flight | null;
    return this.#flight;
  }

  set flight(flight: Flight | null) {
    this.#set("flight", flight === null ? undefined : JSON.stringify(flight));
    this.#flight = flight;
  }

  get gates(): Readonly<Record<string, Gate>> {
    return this.#kv.get<Record<string, Gate>>("gates") ?? {};
  }

  set gates(gates: Readonly<Record<string, Gate>>) {
    this.#set("gates", gates);
  }

  /** The name of the items that were stored for a submit; undefined if none were. */
  get stage(): string | undefined {
    return this.#kv.get<string>("stage");
  }

  set stage(stage: string | undefined) {
    this.#set("stage", stage);
  }

  /** Forgets what is in memory, after everything was deleted. */
  forget(): void {
    this.#flight = undefined;
    this.#summary = undefined;
  }

  #set(key: string, value: unknown): void {
    if (value === undefined) this.#kv.delete(key);
    else this.#kv.put(key, value);
  }
}
