// One pipeline on its way through its steps: what it has left of the request's bounds, what it has
// reported, when it has to let others run. Clocks stand still in a deployed Worker while it computes,
// so work is counted.
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

/** One item that an operation could not take. */
export interface ItemFailure {
  /**
   * Index in the request's items, also after the list was reordered or reshaped: of the item that the
   * entry came from (for `chunk`, of its first member).
   */
  readonly index: number;
  readonly code: OperationErrorCode;
  readonly detail: string;
}

/** What running needs from outside. */
export interface RunOptions {
  /** Awaited after some work, so that the isolate can serve other requests. */
  readonly yieldToOthers: () => Promise<void>;
  /** The text of a table that lies beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** A UUID of version 4. */
  readonly randomUuid: () => string;
  /** Pipelines that share the bounds of one request. */
  readonly sharedBy?: number;
  /** What they yield by together; each by itself when it is left out. */
  readonly pace?: Pace;
}

const outOfWork = () =>
  new OperationError("too-large", "This takes more work than one request may ask for");
const tooManyFailures = () =>
  new OperationError("too-large", `More than ${MAX_FAILURES} items could not be taken`);

const textChars = (value: unknown) => (typeof value === "string" ? value.length : 0);

/** The outputs of one item step, which together are bounded. */
class StepOutputs {
  readonly entries: Entry[];
  readonly #run: PipelineRun;
  readonly #measure: (output: unknown) => number;

  constructor(entries: readonly Entry[], run: PipelineRun) {
    this.entries = [...entries];
    this.#run = run;
    this.#measure = run.meter();
  }

  /** Puts an output in the place of its item; throws `too-large` for one over a bound. */
  put(at: number, { index }: Entry, output: unknown): void {
    this.#run.count(this.#measure(output));
    this.entries[at] = { index, failed: false, value: output };
  }

  /** Makes an item that was refused `null`; any other error is a bug and goes on. */
  refuse(at: number, entry: Entry, error: unknown): void {
    this.entries[at] = this.#run.refuse(entry, error);
  }
}

/** The state of one pipeline's run. */
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

  /** Read once a run, however many items want it at the same time. */
  readTable(name: string): Promise<string> {
    const reading = this.#tables.get(name) ?? this.#readTable(name);
    this.#tables.set(name, reading);
    return reading;
  }

  /** Counts work that is done. Never throws, so that what is awaited comes to its end. */
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

  /** Ends the run, whose bounds must have been kept. What is left is for pipelines that still run. */
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

  /** What was reported, in order of index. */
  get failures(): ItemFailure[] {
    // Most runs have none, and sorting nothing still costs.
    if (this.#failures.length === 0) return [];
    return this.#failures.toSorted((a, b) => a.index - b.index);
  }

  /** Takes the items in; those nested too deeply fail here, so that operations may recurse. */
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
   * Applies an item operation to all entries that have not failed before. The result is a promise only
   * where something had to be waited for: most lists are short, and most operations synchronous.
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
      // Promises are awaited together, and synchronous outputs not at all.
      await Promise.all(pending.splice(0));
      if (this.work(0)) await this.yieldToOthers();
    } while (!this.#applyNext(queue, apply, outputs, pending));
    await Promise.all(pending);
    return outputs.entries;
  }

  /** Goes on with the entries until a yield is due. True once there are none left. */
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

/** Entries with their places, handed out one by one. */
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
