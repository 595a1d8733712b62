// Runs item steps in a row: one group of entries after another goes through all of them. Awaits nothing where nothing
// is to be waited for, as most lists are short and most operations synchronous.
import type { Place, Source } from "./held";
import type { Step } from "./operation";
import type { PipelineRun } from "./pipeline-run";

/** Takes outputs as they are made; those that it takes are not in the outcome. */
export type Write = (outputs: readonly unknown[]) => void;

/** Steps from one place up to another, all of them item steps. */
export interface Row {
  readonly steps: readonly Step[];
  readonly from: number;
  readonly to: number;
}

/** One row of steps over one list. */
export class RowRun {
  readonly #row: Row;
  readonly #source: Source;
  readonly #run: PipelineRun;
  readonly #write: Write | null;
  /** Entries that are taken. */
  #taken = 0;

  constructor(row: Row, source: Source, run: PipelineRun, write: Write | null) {
    this.#row = row;
    this.#source = source;
    this.#run = run;
    this.#write = write;
  }

  /** Runs all groups. Returns all entries; none if they were written. */
  entries(): Place[] | Promise<Place[]> {
    const pending = this.#next();
    return pending === undefined ? this.#kept() : this.#rest(pending);
  }

  async #rest(first: Promise<void>): Promise<Place[]> {
    for (let one: Promise<void> | undefined = first; one !== undefined; one = this.#next())
      await one;
    return this.#kept();
  }

  #kept(): Place[] {
    const list = this.#run.held.endGroups();
    return this.#write === null ? list : [];
  }

  /** Runs groups up to one that must be awaited. */
  #next(): Promise<void> | undefined {
    while (this.#taken < this.#source.length) {
      const group = this.#run.takeGroup(this.#source, this.#taken);
      this.#taken += group.length;
      const mapping = this.#map(group, this.#row.from);
      if (mapping !== undefined) return mapping.then(() => this.#end(group));
      this.#end(group);
    }
    return undefined;
  }

  #map(group: Place[], from: number): Promise<void> | undefined {
    const { steps, to } = this.#row;
    for (let at = from; at < to; at += 1) {
      const step = steps[at];
      if (step?.kind !== "item") continue;
      this.#run.begin(step, at, group.length);
      const mapping = this.#run.mapItems(group, step.price, step.apply);
      if (mapping instanceof Promise) return mapping.then(() => this.#map(group, at + 1));
    }
    return undefined;
  }

  #end(group: Place[]): void {
    const write = this.#write;
    // To write takes time, and is in no price.
    if (write !== null) this.#run.work(this.#run.held.chars);
    write?.(group.map(({ value }) => value));
    this.#run.held.endGroup(group, write === null);
  }
}
