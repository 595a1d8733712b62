// The state of one running pipeline: its shares of the request's limits, its failures, and its yields. Since
// clocks stand still while a deployed Worker computes, work is counted instead of timed.
import { Budget } from "../json-query/budget";
import { ItemError, OperationError, type OperationErrorCode, overChars } from "./errors";
import {
  MAX_FAILURES,
  MAX_OUTPUT_CHARS,
  MAX_REQUEST_QUERY_STEPS,
  MAX_REQUEST_WORK,
  MAX_TEXT_CHARS,
  WORK_PER_FAILURE,
  WORK_PER_ITEM,
} from "./limits";
import type { Entry, ItemFunction, Run } from "./operation";
import { Pace } from "./pace";
import { jsonChars } from "./values";

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

/** Surroundings of a run: yielding, assets, randomness, and the limits it shares. */
export interface RunOptions {
  /** Awaited after some work, so that the isolate can serve other requests. */
  readonly yieldToOthers: () => Promise<void>;
  /** Reads a table stored as an asset beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** Returns a UUID of version 4. */
  readonly randomUuid: () => string;
  /** Number of pipelines among which the limits of one request are divided. */
  readonly sharedBy?: number;
  /** Shared by the pipelines of a request; if left out, each yields by itself. */
  readonly pace?: Pace;
}

const outOfWork = () =>
  new OperationError("too-large", "This takes more work than one request may ask for");
const tooManyFailures = () =>
  new OperationError("too-large", `More than ${MAX_FAILURES} items could not be taken`);

const textChars = (value: unknown) => (typeof value === "string" ? value.length : 0);

/** Outputs of one item step, whose total size is limited. */
class StepOutputs {
  readonly entries: Entry[];
  readonly #run: PipelineRun;
  readonly #measure: (output: unknown) => number;

  constructor(entries: readonly Entry[], run: PipelineRun) {
    this.entries = [...entries];
    this.#run = run;
    this.#measure = run.meter();
  }

  /** Stores an output in the place of its item. Throws `too-large` over a limit. */
  put(at: number, { index }: Entry, output: unknown): void {
    this.#run.count(this.#measure(output));
    this.entries[at] = { index, failed: false, value: output };
  }

  /** Replaces an item that failed by `null`. Any other error is a bug and is rethrown. */
  refuse(at: number, entry: Entry, error: unknown): void {
    this.entries[at] = this.#run.refuse(entry, error);
  }
}

/** The state of one pipeline while it runs. */
export class PipelineRun implements Run {
  readonly queries: Budget;
  readonly #pace: Pace;
  readonly randomUuid: RunOptions["randomUuid"];
  readonly #readTable: RunOptions["readTable"];
  readonly #tables = new Map<string, Promise<string>>();
  readonly #maxChars: number;
  readonly #failures: ItemFailure[] = [];
  #workLeft: number;

  constructor({
    yieldToOthers,
    readTable,
    randomUuid,
    sharedBy = 1,
    pace = new Pace(yieldToOthers),
  }: RunOptions) {
    this.#pace = pace;
    this.#readTable = readTable;
    this.randomUuid = randomUuid;
    this.queries = new Budget(Math.floor(MAX_REQUEST_QUERY_STEPS / sharedBy));
    this.#maxChars = Math.floor(MAX_OUTPUT_CHARS / sharedBy);
    this.#workLeft = MAX_REQUEST_WORK / sharedBy;
  }

  yieldToOthers(): Promise<void> {
    return this.#pace.yieldToOthers();
  }

  /** Reads each table once a run, however many items need it at the same time. */
  readTable(name: string): Promise<string> {
    const reading = this.#tables.get(name) ?? this.#readTable(name);
    this.#tables.set(name, reading);
    return reading;
  }

  /** Counts work that was done already. Never throws, so that promises in progress can settle. */
  count(units: number): boolean {
    this.#workLeft -= units;
    return this.#pace.work(units);
  }

  work(units: number): boolean {
    const isYieldDue = this.count(units);
    if (this.#workLeft < 0) {
      this.#workLeft += this.#pace.workLeft;
      this.#pace.workLeft = 0;
      if (this.#workLeft < 0) throw outOfWork();
    }
    if (this.#failures.length > MAX_FAILURES) throw tooManyFailures();
    return isYieldDue;
  }

  /** Ends the run; throws if a limit was exceeded. Work that is left goes to the pipelines that still run. */
  end(): void {
    this.work(0);
    this.#pace.workLeft += this.#workLeft;
  }

  meter(): (made: unknown) => number {
    let left = this.#maxChars;
    return (made) => {
      if (textChars(made) > MAX_TEXT_CHARS) throw overChars("The text", MAX_TEXT_CHARS);
      const chars = jsonChars(made);
      if (chars > left) throw overChars("All outputs together", this.#maxChars);
      left -= chars;
      return chars;
    };
  }

  refuse({ index, failed }: Entry, error: unknown): Entry {
    if (!(error instanceof ItemError)) throw error;
    if (!failed) {
      this.count(WORK_PER_FAILURE);
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
    return items.map((value, index) => {
      const entry = { value, index, failed: false };
      try {
        this.count(jsonChars(value));
        return entry;
      } catch (error) {
        return this.refuse(entry, error);
      }
    });
  }

  /**
   * Applies an item operation to all entries that have not failed before. Returns a promise only if something
   * must be awaited: most lists are short, and most operations synchronous.
   */
  mapItems(entries: readonly Entry[], apply: ItemFunction): Entry[] | Promise<Entry[]> {
    const outputs = new StepOutputs(entries, this);
    const queue = entries.entries();
    const pending: Promise<void>[] = [];
    const isOver = this.#applyNext(queue, apply, outputs, pending);
    return isOver && pending.length === 0
      ? outputs.entries
      : this.#applyRest(queue, apply, outputs, pending);
  }

  async #applyRest(
    queue: Queue,
    apply: ItemFunction,
    outputs: StepOutputs,
    pending: Promise<void>[],
  ): Promise<Entry[]> {
    do {
      // Promises are awaited together; synchronous outputs are not awaited.
      await Promise.all(pending.splice(0));
      if (this.work(0)) await this.yieldToOthers();
    } while (!this.#applyNext(queue, apply, outputs, pending));
    await Promise.all(pending);
    return outputs.entries;
  }

  /** Continues with the entries until a yield is due. Returns true once none is left. */
  #applyNext(
    queue: Queue,
    apply: ItemFunction,
    outputs: StepOutputs,
    pending: Promise<void>[],
  ): boolean {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const [at, entry] = next.value;
      if (entry.failed) continue;
      const isYieldDue = this.work(textChars(entry.value) + WORK_PER_ITEM);
      try {
        const output = apply(entry.value, this);
        if (output instanceof Promise) pending.push(settle(output, at, entry, outputs));
        else outputs.put(at, entry, output);
      } catch (error) {
        outputs.refuse(at, entry, error);
      }
      if (isYieldDue) return false;
    }
    return true;
  }
}

/** Entries with their places in the list, taken one by one. */
type Queue = Iterator<[number, Entry], unknown>;

async function settle(
  output: Promise<unknown>,
  at: number,
  entry: Entry,
  outputs: StepOutputs,
): Promise<void> {
  try {
    outputs.put(at, entry, await output);
  } catch (error) {
    outputs.refuse(at, entry, error);
  }
}
