// Runs item steps in a row: one group of entries after another goes through all of them. Awaits nothing where nothing
// is to be waited for, as most lists are short and most operations synchronous.
import type { Entries } from "./entries";
import type { Step } from "./operation";
import type { PipelineRun } from "./pipeline-run";

/** Takes outputs as they are made; those that it takes are not in the outcome. */
export type Write = (outputs: readonly unknown[]) => void;

/** Steps from one place up to another, all of them item steps. */
export interface Row {
  readonly steps: readonly Step[];
  readonly from: number;
  readonly to: number;
  /** True if all of them make about as much as they take. */
  readonly keepsSize: boolean;
}

/** One row of steps over one list. */
export class RowRun {
  readonly #row: Row;
  readonly #source: Entries;
  readonly #run: PipelineRun;
  readonly #write: Write | null;
  /** Entries that are taken. */
  #taken = 0;

  constructor(row: Row, source: Entries, run: PipelineRun, write: Write | null) {
    this.#row = row;
    this.#source = source;
    this.#run = run;
    this.#write = write;
  }

  /** Runs all groups. Returns all entries; none if they were written. */
  entries(): Entries | Promise<Entries> {
    const pending = this.#next();
    return pending === undefined ? this.#end() : this.#rest(pending);
  }

  async #rest(first: Promise<void>): Promise<Entries> {
    for (let one: Promise<void> | undefined = first; one !== undefined; one = this.#next())
      await one;
    return this.#end();
  }

  #end(): Entries {
    const values = this.#run.held.endGroups();
    return this.#source.with(this.#write === null ? values : []);
  }

  /** Runs groups up to one that must be awaited. */
  #next(): Promise<void> | undefined {
    while (this.#taken < this.#source.length) {
      const from = this.#taken;
      const group = this.#run.takeGroup(this.#source, from);
      this.#taken += group.length;
      const mapping = this.#map(group, this.#row.from);
      if (mapping !== undefined) return mapping.then(() => this.#endGroup(group, from));
      this.#endGroup(group, from);
    }
    return undefined;
  }

  #map(group: Entries, from: number): Promise<void> | undefined {
    const { steps, to } = this.#row;
    for (let at = from; at < to; at += 1) {
      const step = steps[at];
      if (step?.kind !== "item") continue;
      this.#run.begin(step, at, group.length);
      const isWritten = this.#write !== null && at === to - 1;
      const mapping = this.#run.mapItems(group, step, isWritten);
      if (mapping instanceof Promise) return mapping.then(() => this.#map(group, at + 1));
    }
    return undefined;
  }

  #endGroup(group: Entries, from: number): void {
    const write = this.#write;
    // To write takes time, and is in no price.
    if (write !== null) this.#run.work(this.#run.held.chars);
    write?.(group.outputs());
    this.#run.held.endGroup(group, from, write === null);
  }
}
