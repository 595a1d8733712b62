// One pipeline on its way through its steps: what it has left of the request's bounds, what it has
// reported, when it has to let others run. Clocks stand still in a deployed Worker while it computes,
// so characters of work are counted.
import { Budget } from "../json-query";
import { ItemError, type OperationErrorCode } from "./errors";
import {
  MAX_OUTPUT_CHARS,
  MAX_REQUEST_QUERY_STEPS,
  MAX_TEXT_CHARS,
  WORK_BETWEEN_PAUSES,
  WORK_PER_ITEM,
} from "./limits";
import type { Entry, ItemFunction, Run } from "./operation";
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
  readonly pause: () => Promise<void>;
  /** The text of a table that lies beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** Pipelines that share the bounds of one request. */
  readonly sharedBy?: number;
}

const textChars = (value: unknown) => (typeof value === "string" ? value.length : 0);

/** The outputs of one item step, which together are bounded. */
class StepOutputs {
  readonly entries: Entry[];
  readonly #run: PipelineRun;
  readonly #maxChars: number;
  #chars = 0;

  constructor(entries: readonly Entry[], run: PipelineRun, maxChars: number) {
    this.entries = [...entries];
    this.#run = run;
    this.#maxChars = maxChars;
  }

  /** Puts an output in the place of its item; throws `too-large` for one over a bound. */
  put(at: number, entry: Entry, output: unknown): void {
    if (textChars(output) > MAX_TEXT_CHARS) {
      throw new ItemError("too-large", `The text would be over ${MAX_TEXT_CHARS} characters`);
    }
    const chars = jsonChars(output);
    if (this.#chars + chars > this.#maxChars) {
      const detail = `All outputs together would be over ${this.#maxChars} characters`;
      throw new ItemError("too-large", detail);
    }
    this.#chars += chars;
    this.entries[at] = { index: entry.index, failed: false, value: output };
    this.#run.work(chars + textChars(entry.value) + WORK_PER_ITEM);
  }

  /** Makes an item that was refused `null`; any other error is a bug and goes on. */
  refuse(at: number, entry: Entry, error: unknown): void {
    if (!(error instanceof ItemError)) throw error;
    this.#run.report(entry, error);
    this.entries[at] = { index: entry.index, failed: true, value: null };
    this.#run.work(textChars(entry.value) + WORK_PER_ITEM);
  }
}

/** The state of one pipeline's run. */
export class PipelineRun implements Run {
  readonly queries: Budget;
  readonly #pause: () => Promise<void>;
  readonly #readTable: RunOptions["readTable"];
  readonly #tables = new Map<string, Promise<string>>();
  readonly #maxChars: number;
  readonly #failures: ItemFailure[] = [];
  #work = 0;

  constructor({ pause, readTable, sharedBy = 1 }: RunOptions) {
    this.#pause = pause;
    this.#readTable = readTable;
    this.queries = new Budget(Math.floor(MAX_REQUEST_QUERY_STEPS / sharedBy));
    this.#maxChars = Math.floor(MAX_OUTPUT_CHARS / sharedBy);
  }

  async pause(): Promise<void> {
    this.#work = 0;
    await this.#pause();
  }

  /** Read once a run, however many items want it at the same time. */
  readTable(name: string): Promise<string> {
    const reading = this.#tables.get(name) ?? this.#readTable(name);
    this.#tables.set(name, reading);
    return reading;
  }

  work(chars: number): boolean {
    this.#work += chars;
    return this.#work >= WORK_BETWEEN_PAUSES;
  }

  report({ index, failed }: Entry, { code, message }: ItemError): void {
    if (!failed) this.#failures.push({ index, code, detail: message });
  }

  /** What was reported, in order of index. */
  get failures(): ItemFailure[] {
    // Most runs have none, and sorting nothing still costs.
    if (this.#failures.length === 0) return [];
    return this.#failures.toSorted((a, b) => a.index - b.index);
  }

  /** Takes the items in; those nested too deeply fail here, so that operations may recurse. */
  enter(items: readonly unknown[]): Entry[] | Promise<Entry[]> {
    const entries = items.map((value, index) => ({ value, index, failed: false }));
    return this.mapItems(entries, (item) => item);
  }

  /**
   * Applies an item operation to all entries that have not failed before. The result is a promise only
   * where something had to be waited for: most lists are short, and most operations synchronous.
   */
  mapItems(entries: readonly Entry[], apply: ItemFunction): Entry[] | Promise<Entry[]> {
    const outputs = new StepOutputs(entries, this, this.#maxChars);
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
      if (this.work(0)) await this.pause();
    } while (!this.#applyNext(queue, apply, outputs, pending));
    await Promise.all(pending);
    return outputs.entries;
  }

  /** Goes on with the entries until a pause is due. True once there are none left. */
  #applyNext(
    queue: Queue,
    apply: ItemFunction,
    outputs: StepOutputs,
    pending: Promise<void>[],
  ): boolean {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const [at, entry] = next.value;
      if (entry.failed) continue;
      try {
        const output = apply(entry.value, this);
        if (output instanceof Promise) pending.push(settle(output, at, entry, outputs));
        else outputs.put(at, entry, output);
      } catch (error) {
        outputs.refuse(at, entry, error);
      }
      if (this.work(pending.length > 0 ? WORK_PER_ITEM + textChars(entry.value) : 0)) return false;
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
