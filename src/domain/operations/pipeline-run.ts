// The state of one running pipeline: its share of the request's work, the memory it holds, its failures, and
// its pauses. Since clocks stand still while a deployed Worker computes, work is counted instead of timed.
import { type Entries, FAILED } from "./entries";
import { HeldError, ItemError, OperationError, type OperationErrorCode } from "./errors";
import { Held, LONG_CHARS, SHORT_CHARS } from "./held";
import {
  bytesOver,
  MAX_FAILURES,
  MAX_HELD_BYTES,
  MAX_KEPT_BYTES,
  MAX_REQUEST_WORK,
  WORK_PER_FAILURE,
} from "./limits";
import type { Run, Step } from "./operation";
import { type ItemStep, Mapping } from "./mapping";
import type { Pace } from "./pace";
import { workOf } from "./price";
import { type Segment, Segmentation } from "./segmentation";

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

/** Surroundings of a run: memory, yielding, assets, randomness. */
export interface RunOptions {
  /** Bytes of memory that a step may hold with its items, if fewer than usual. */
  readonly mostHeld?: number | undefined;
  /** Awaited after some work, so that the isolate can serve other requests. */
  readonly yieldToOthers: () => Promise<void>;
  /** Reads a table stored as an asset beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** Returns a UUID: of version 4, or of version 7, which begins with the time. */
  readonly createUuid: (version: 4 | 7) => string;
}

/** Bytes that a step makes of each character of a long item, about. */
const LONG_BYTES = 4;

const NO_STEP = { name: "" };

/** The state of one pipeline while it runs. */
export class PipelineRun implements Run {
  readonly #pace: Pace;
  readonly #options: RunOptions;
  /** Made when first used, as few operations do. */
  #tables: Map<string, Promise<string>> | undefined;
  readonly #failures: ItemFailure[] = [];
  /** Work that is set aside for this pipeline. */
  #own: number;
  readonly held: Held;
  /** The step that is running, and its place, for messages. */
  #step: Pick<Step, "name"> = NO_STEP;
  #at = 0;
  #mapping: Mapping | undefined;
  #segmentation: Segmentation | undefined;

  constructor(options: RunOptions, pace: Pace, own: number) {
    this.#pace = pace;
    this.#own = own;
    this.held = new Held(options.mostHeld ?? MAX_HELD_BYTES, pace.keptBytes > MAX_KEPT_BYTES);
    this.#options = options;
  }

  /** Reads each table once a run, however many items need it at the same time. */
  readTable(name: string): Promise<string> {
    this.#tables ??= new Map();
    const reading = this.#tables.get(name) ?? this.#options.readTable(name);
    this.#tables.set(name, reading);
    return reading;
  }

  createUuid(version: 4 | 7): string {
    return this.#options.createUuid(version);
  }

  segments(segmenter: Intl.Segmenter, text: string): Iterable<Segment> {
    this.#segmentation ??= new Segmentation(() => this.#mapping?.ahead() ?? []);
    return this.#segmentation.of(segmenter, text);
  }

  work(units: number): boolean {
    return this.#pace.work(units);
  }

  spend(units: number): boolean {
    if (this.#take(units)) return this.#pace.work(units);
    throw new OperationError(
      "too-large",
      `${this.#place()} takes more work than the ${MAX_REQUEST_WORK} that a request may cost`,
    );
  }

  get #workLeft(): number {
    return this.#own + this.#pace.workLeft;
  }

  /** Takes work, first of what is set aside. Returns false, and takes nothing, if less is left. */
  #take(units: number): boolean {
    if (units > this.#workLeft) return false;
    const own = Math.min(units, this.#own);
    this.#own -= own;
    this.#pace.workLeft -= units - own;
    return true;
  }

  hold(made: unknown): void {
    this.held.add(made);
    this.#checkHeld();
  }

  keep(bytes: number): void {
    this.held.keep(bytes);
    this.#checkKept();
  }

  pause(): Promise<void> {
    return this.#pace.yieldToOthers();
  }

  refuse(index: number, error: unknown): typeof FAILED {
    if (!(error instanceof ItemError)) throw error;
    this.#pace.work(WORK_PER_FAILURE);
    if (this.#failures.length === MAX_FAILURES)
      throw new OperationError("too-large", `More than ${MAX_FAILURES} items could not be taken`);
    const before = this.#failures.at(-1)?.detail;
    // Thousands may fail for the same reason, which is kept once.
    const detail = before === error.message ? before : error.message;
    this.#failures.push({ index, code: error.code, detail });
    return FAILED;
  }

  /** The failures, ordered by index. */
  get failures(): ItemFailure[] {
    // Skipped for most runs, since even sorting an empty list takes time.
    if (this.#failures.length === 0) return this.#failures;
    return this.#failures.toSorted((a, b) => a.index - b.index);
  }

  /** Measures a list, which a step takes at once. Values nested too deeply fail. */
  takeList(list: Entries): Entries {
    return this.held.takeList(list, this);
  }

  /** Takes the next entries of a list for a row of item steps. Values nested too deeply fail. */
  takeGroup(list: Entries, from: number): Entries {
    return this.held.takeGroup(list, from, this);
  }

  /**
   * Begins a step over the entries that the last one made.
   *
   * @throws OperationError if it costs more than is left
   */
  begin(step: Step, at: number, count: number): void {
    const { chars } = this.held;
    this.held.next();
    this.#step = step;
    this.#at = at;
    if (step.kind !== "item") this.held.takeEntries(count);
    // Only once it was made is known how much a step makes of long items.
    const isLong = !step.keepsSize && chars > Math.max(LONG_CHARS, count * SHORT_CHARS);
    this.#checkKept(isLong ? chars * LONG_BYTES : 0);
    const units = workOf(step.price, count, chars);
    if (!this.#take(units))
      throw new OperationError(
        "too-large",
        `${this.#place()} costs ${units} over ${count} items of ${chars} characters; ${this.#workLeft} are left of the ${MAX_REQUEST_WORK} that a request may cost`,
      );
  }

  /**
   * Applies an item operation to all entries that have not failed before. Returns a promise only if something
   * must be awaited: most lists are short, and most operations synchronous.
   */
  mapItems(entries: Entries, step: ItemStep, isWritten: boolean): Promise<void> | void {
    const mapping = new Mapping(entries, step, this, isWritten);
    this.#mapping = mapping;
    if (mapping.next() && !mapping.isPending) return this.#endMapping();
    return mapping.rest().then(() => this.#endMapping());
  }

  #endMapping(): void {
    // It would keep what it has made.
    this.#mapping = undefined;
    this.#checkHeld();
  }

  #place(): string {
    return `Step ${this.#at + 1}, ${this.#step.name},`;
  }

  /**
   * Refuses to keep more than the pipelines before have left.
   *
   * @param more bytes that are likely to follow
   */
  #checkKept(more = 0): void {
    const { keptBytes } = this.#pace;
    if (keptBytes === 0) return;
    const { kept } = this.held;
    if (keptBytes + kept + more <= MAX_KEPT_BYTES || kept + more === 0) return;
    throw new OperationError(
      "too-large",
      `${this.#place()} would keep too much memory: ${keptBytes} bytes are kept by the operations before, ${kept + more} by this one; at most ${MAX_KEPT_BYTES} by those of a request. Send it in a request of its own`,
    );
  }

  #checkHeld(): void {
    this.#checkKept();
    if (!this.held.isOver) return;
    throw new HeldError(
      "too-large",
      `${this.#place()} holds ${bytesOver(this.held.bytes, MAX_HELD_BYTES)} bytes of memory with its items; at most ${this.held.most} are allowed`,
    );
  }
}
