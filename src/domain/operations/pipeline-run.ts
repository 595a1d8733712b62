// The state of one running pipeline: its share of the request's work, the memory it holds, its failures, and
// its pauses. Since clocks stand still while a deployed Worker computes, work is counted instead of timed.
import { ItemError, OperationError, type OperationErrorCode, overChars } from "./errors";
import {
  LIGHT_BYTES,
  MAX_FAILURES,
  MAX_HELD_BYTES,
  MAX_ITEM_BYTES,
  MAX_REQUEST_WORK,
  MAX_TEXT_CHARS,
  WORK_PER_FAILURE,
} from "./limits";
import type { Entry, ItemFunction, Run, Step } from "./operation";
import { Mapping, type Place } from "./mapping";
import { Pace } from "./pace";
import { type Price, workOf } from "./price";
import { Segmentation } from "./segmentation";
import { Sizer, sizeOf } from "./size";

/** An item that an operation could not take. */
export interface ItemFailure {
  /**
   * Index of the request's item that the entry came from, even after the list was reordered or reshaped;
   * after `chunk`, of the first member.
   */
  readonly index: number;
  readonly code: OperationErrorCode;
  readonly detail: string;
}

/** Surroundings of a run: yielding, assets, randomness. */
export interface RunOptions {
  /** Awaited after some work, so that the isolate can serve other requests. */
  readonly yieldToOthers: () => Promise<void>;
  /** Reads a table stored as an asset beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** Returns a UUID: of version 4, or of version 7, which begins with the time. */
  readonly createUuid: (version: 4 | 7) => string;
}

/** The part of a request that one of its pipelines may use. */
export interface Share {
  readonly work: number;
  readonly pace: Pace;
  /** True if other pipelines run at the same time. */
  readonly isShared: boolean;
}

/** Characters of a text that no bound on a single text concerns. */
const SHORT_CHARS = 1_000;
/** Bytes that a short text holds at most. */
const ROOM_BYTES = 4 * SHORT_CHARS;

/** The state of one pipeline while it runs. */
export class PipelineRun implements Run {
  readonly createUuid: RunOptions["createUuid"];
  readonly #pace: Pace;
  readonly #isShared: boolean;
  readonly #readTable: RunOptions["readTable"];
  readonly #tables = new Map<string, Promise<string>>();
  readonly #failures: ItemFailure[] = [];
  #workLeft: number;
  /** Sizes of what the running step takes and of what it makes: both are in memory at once. */
  #before = new Sizer(false);
  #made = new Sizer(false);
  /** The step that is running, for messages. */
  #place = "";
  #leaveTurn: (() => void) | undefined;
  #mapping: Mapping | undefined;
  readonly #segmentation = new Segmentation(() => this.#mapping?.ahead() ?? []);

  constructor(options: RunOptions, share?: Share) {
    this.#pace = share?.pace ?? new Pace(options.yieldToOthers);
    this.#isShared = share?.isShared ?? false;
    this.#workLeft = share?.work ?? MAX_REQUEST_WORK;
    this.#readTable = options.readTable;
    this.createUuid = options.createUuid;
  }

  /** Reads each table once a run, however many items need it at the same time. */
  readTable(name: string): Promise<string> {
    const reading = this.#tables.get(name) ?? this.#readTable(name);
    this.#tables.set(name, reading);
    return reading;
  }

  segments(segmenter: Intl.Segmenter, text: string): Iterable<Intl.SegmentData> {
    return this.#segmentation.of(segmenter, text);
  }

  work(units: number): boolean {
    return this.#pace.work(units);
  }

  spend(units: number): boolean {
    this.#workLeft -= units;
    if (this.#workLeft >= 0) return this.#pace.work(units);
    throw new OperationError(
      "too-large",
      `${this.#place} takes more work than the ${MAX_REQUEST_WORK} that a request may cost`,
    );
  }

  hold(made: unknown): void {
    this.#made.bytes += sizeOf(made).bytes;
    if (this.heldBytes > MAX_HELD_BYTES) throw this.#holdsTooMuch();
  }

  /** Characters of the entries that the next step takes. */
  get chars(): number {
    return this.#made.chars;
  }

  /** Bytes of memory that the pipeline holds, by an estimate on the safe side. */
  get heldBytes(): number {
    return this.#before.bytes + this.#made.bytes;
  }

  async pause(): Promise<void> {
    await this.#pace.yieldToOthers();
    await this.takeTurn();
  }

  /** If this pipeline holds much, waits until no other does. */
  takeTurn(): Promise<void> | undefined {
    const isFree = !this.#isShared || this.#leaveTurn !== undefined;
    if (isFree || this.heldBytes < LIGHT_BYTES) return undefined;
    return new Promise((begin) => {
      void this.#pace.turn.run(
        () =>
          new Promise<void>((leave) => {
            this.#leaveTurn = leave;
            begin();
          }),
      );
    });
  }

  /** Ends the run, and lets the next pipeline hold much. */
  end(): void {
    this.#leaveTurn?.();
  }

  refuse({ index, failed }: Entry, error: unknown): Entry {
    if (!(error instanceof ItemError)) throw error;
    if (!failed) {
      this.#pace.work(WORK_PER_FAILURE);
      if (this.#failures.length === MAX_FAILURES)
        throw new OperationError("too-large", `More than ${MAX_FAILURES} items could not be taken`);
      this.#failures.push({ index, code: error.code, detail: error.message });
    }
    return { index, failed: true, value: null };
  }

  /** The failures, ordered by index. */
  get failures(): ItemFailure[] {
    // Skipped for most runs, since even sorting an empty list takes time.
    if (this.#failures.length === 0) return [];
    return this.#failures.toSorted((a, b) => a.index - b.index);
  }

  /** Turns items into entries. Items nested too deeply fail here, so that operations may recurse. */
  enter(items: readonly unknown[]): Entry[] {
    const entries: Entry[] = [];
    for (let index = 0; index < items.length; index += 1)
      entries.push({ value: items[index], index, failed: false });
    return this.measured(entries);
  }

  /** Measures the entries that the next step takes. Those nested too deeply fail. */
  measured(entries: Entry[]): Entry[] {
    this.#before = new Sizer(false);
    this.#made = new Sizer(false);
    const made = this.#made;
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at];
      if (entry === undefined) continue;
      try {
        made.add(entry.value);
      } catch (error) {
        entries[at] = this.refuse(entry, error);
      }
    }
    return entries;
  }

  /**
   * Begins a step over the entries that the last one made.
   *
   * @throws OperationError if it costs more than is left
   */
  begin({ name, price }: Step, number: number, count: number): void {
    this.#before = this.#made;
    this.#made = new Sizer(false);
    this.#place = `Step ${number}, ${name},`;
    const units = workOf(price, count, this.#before.chars);
    if (units > this.#workLeft)
      throw new OperationError(
        "too-large",
        `${this.#place} costs ${units} over ${count} items of ${this.#before.chars} characters; ${this.#workLeft} are left of the ${MAX_REQUEST_WORK} that a request may cost`,
      );
    this.#workLeft -= units;
  }

  /**
   * Applies an item operation to all entries that have not failed before. Returns a promise only if something
   * must be awaited: most lists are short, and most operations synchronous.
   */
  mapItems(entries: readonly Place[], price: Price, apply: ItemFunction): Promise<void> | void {
    const mapping = new Mapping(entries, price, apply, this);
    this.#mapping = mapping;
    if (mapping.next() && mapping.pending.length === 0) return this.#endMapping();
    return mapping.rest().then(() => this.#endMapping());
  }

  #endMapping(): void {
    if (this.heldBytes > MAX_HELD_BYTES) throw this.#holdsTooMuch();
  }

  /** Stores an output in the place of its item. Throws `ItemError` for one that is too large by itself. */
  put(entries: readonly Place[], at: number, output: unknown): void {
    const entry = entries[at];
    if (entry === undefined) return;
    if (typeof output === "string" && output.length <= SHORT_CHARS && this.#hasRoom) {
      this.#made.add(output);
      entry.value = output;
      return;
    }
    this.#add(entries, at, output);
    // Once the step holds too much, its outputs are only counted, to tell how much too much it is.
    entry.value = this.heldBytes > MAX_HELD_BYTES ? null : output;
  }

  /** True if a short text can be added without a look at the bounds. */
  get #hasRoom(): boolean {
    return this.heldBytes < MAX_HELD_BYTES - ROOM_BYTES;
  }

  #add(entries: readonly Place[], at: number, output: unknown): void {
    const { bytes, chars } = this.#made;
    try {
      if (typeof output === "string" && output.length > MAX_TEXT_CHARS)
        throw overChars("The text", MAX_TEXT_CHARS);
      this.#made.add(output);
      if (this.#made.bytes - bytes > MAX_ITEM_BYTES && sizeOf(output).bytes > MAX_ITEM_BYTES)
        throw new ItemError("too-large", `The output would hold over ${MAX_ITEM_BYTES} bytes`);
    } catch (error) {
      [this.#made.bytes, this.#made.chars] = [bytes, chars];
      throw error;
    }
    if (this.heldBytes > MAX_HELD_BYTES && !this.#made.isExact) this.#recount(entries, at, output);
  }

  /** Counts again, and exactly, what is held: the outputs so far, and the inputs that are left. */
  #recount(entries: readonly Place[], at: number, output: unknown): void {
    const { chars } = this.#made;
    this.#before = new Sizer(true);
    this.#made = new Sizer(true);
    for (const [place, { value }] of entries.entries()) {
      if (place <= at) this.#made.add(place === at ? output : value);
      else this.#before.add(value);
    }
    this.#made.chars = chars;
  }

  #holdsTooMuch(): OperationError {
    return new OperationError(
      "too-large",
      `${this.#place} holds ${this.heldBytes} bytes of memory with its items; at most ${MAX_HELD_BYTES} are allowed`,
    );
  }
}
