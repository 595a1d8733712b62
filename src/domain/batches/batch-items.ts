// Validates the items of a new batch, and packs them into chunks, while they are still being read.
import * as v from "valibot";
import { isJsonLonger } from "../../lib/is-json-longer";
import { CallItem, itemFaults } from "./batch-operations";
import { invalidBody, MAX_FAULTS, type Fault } from "../errors";
import { unknownChannels, type NamedChannels } from "../notifications/channel-names";
import { prepareCall, type NamedUpstreams } from "../calls/prepare-call";
import { NO_SUCH_USER, UserId } from "../records/tasks";
import type { NewChunk } from "./job-record";
import { chunkItems } from "./executor";
import { importFaults, isImportKind } from "./import-items";
import {
  MAX_BATCH_CHARACTERS,
  MAX_ITEM_CHARACTERS,
  OBJECT_CALL_BYTES,
  SERVICE_REQUESTS_PER_INVOCATION,
} from "../platform";

/** Characters of a chunk's JSON. A chunk is stored as one row, so it may be as large as the largest item. */
const MAX_CHUNK_CHARACTERS = MAX_ITEM_CHARACTERS;
/**
 * Characters of complete chunks after which they are handed over. A character takes up to three bytes, and
 * the call to the job carries more than the chunks.
 */
const MAX_FULL_CHARACTERS = OBJECT_CALL_BYTES / 4;
/**
 * Different assignees in one batch: 100 are looked up per request, and half of the invocation's requests are
 * kept for other uses.
 */
const MAX_ASSIGNEES = (SERVICE_REQUESTS_PER_INVOCATION / 2) * 100;

/** Names that items may refer to: upstreams and channels. */
export type KnownNames = NamedUpstreams & NamedChannels;

/** Facts about an item besides its value. */
export interface ItemSource {
  /** Its JSON, where the caller has it already. */
  readonly json?: string;
  /** Number of the line where the item begins, in a body of lines. */
  readonly line?: number;
  /** Faults found while reading the item, with pointers relative to it. */
  readonly faults?: readonly Fault[];
}

/** A batch being read: takes items one by one, and gives out complete chunks. */
export class BatchItems {
  readonly #operation: unknown;
  readonly #known: KnownNames;
  readonly #maxItems: number;
  readonly #isImport: boolean;
  readonly #faults: Fault[] = [];
  #faultCount = 0;
  #count = 0;
  #nextFirst = 0;
  #open: string[] = [];
  #openCharacters = 0;
  #full: NewChunk[] = [];
  #fullCharacters = 0;
  #allCharacters = 0;
  /** Ids of calls, either given by the caller or the call's index, to find duplicates. */
  readonly #ids = new Set<string>();
  /** Assignees of tasks added since the last `checkAssignees`, with the index and line of their item. */
  readonly #assignees: [id: string, index: number, line: number | undefined][] = [];
  /** Results of the lookups so far: true if an assignee is a user. */
  readonly #areUsers = new Map<string, boolean>();

  /**
   * @param maxItems limit for the whole batch
   * @param isImport true if the items are records of an export
   */
  constructor(operation: unknown, known: KnownNames, maxItems: number, isImport = false) {
    this.#operation = operation;
    this.#known = known;
    this.#maxItems = maxItems;
    this.#isImport = isImport;
  }

  /** Number of items added so far. */
  get count(): number {
    return this.#count;
  }

  /** True if a limit of the whole batch is exceeded: the rest of the body need not be read. */
  get isOver(): boolean {
    return this.#count > this.#maxItems || this.#allCharacters > MAX_BATCH_CHARACTERS;
  }

  /** True if enough chunks are complete to be handed to the job before the next item is read. */
  get isFull(): boolean {
    return this.#fullCharacters >= MAX_FULL_CHARACTERS;
  }

  /** Adds an item. Its faults are collected for `finish`. */
  add(item: unknown, source: ItemSource = {}): void {
    const index = this.#count;
    this.#count += 1;
    if (index === this.#maxItems) this.fault(`At most ${this.#maxItems} items`);
    if (index >= this.#maxItems) return;
    const json = source.json ?? jsonOf(item);
    for (const fault of this.#judge(item, index, json, source)) this.#note(fault, source.line);
    if (json === null) return;
    this.#allCharacters += json.length;
    if (this.#allCharacters > MAX_BATCH_CHARACTERS)
      this.fault(`More than ${MAX_BATCH_CHARACTERS} characters as JSON`);
    if (this.#faultCount === 0) this.#pack(json);
  }

  /** Counts an item that could not be read at all, and adds its fault. */
  addUnreadable(detail: string, line?: number): void {
    this.#note({ pointer: `#/items/${this.#count}`, detail }, line);
    this.#count += 1;
  }

  /** Adds a fault of the batch as a whole. */
  fault(detail: string, pointer = "#/items"): void {
    this.#note({ pointer, detail });
  }

  /** The faults of the items so far, at most 100. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Adds a fault for each task whose assignee is no user. Looks up the assignees added since the last call. */
  async checkAssignees(missing: (ids: readonly string[]) => Promise<readonly string[]>) {
    const asked = this.#assignees.splice(0);
    const ids = new Set(asked.map(([id]) => id).filter((id) => !this.#areUsers.has(id)));
    if (this.#areUsers.size + ids.size > MAX_ASSIGNEES) {
      this.fault(`More than ${MAX_ASSIGNEES} different assignees`);
      return;
    }
    if (ids.size > 0) {
      const unknown = new Set(await missing([...ids]));
      for (const id of ids) this.#areUsers.set(id, !unknown.has(id));
    }
    for (const [id, index, line] of asked) {
      const pointer = `#/items/${index}/assignee_id`;
      if (this.#areUsers.get(id) === false) this.#note({ pointer, detail: NO_SUCH_USER }, line);
    }
  }

  /** Returns the complete chunks and forgets them. */
  takeFull(): NewChunk[] {
    const full = this.#full;
    this.#full = [];
    this.#fullCharacters = 0;
    return full;
  }

  /**
   * Returns the last chunks, after all items were added.
   *
   * @throws DomainError `invalid-body` naming every bad item, at most 100
   */
  finish(): NewChunk[] {
    if (this.#count === 0) this.fault("No items");
    if (this.#faultCount > 0) throw invalidBody(this.#faults, this.#faultCount);
    this.#close();
    return this.takeFull();
  }

  /** Faults of an item: those found on the way, and those that it has as an item of this batch. */
  #judge(
    item: unknown,
    index: number,
    json: string | null,
    { faults = [], line }: ItemSource,
  ): readonly Fault[] {
    const place = `#/items/${index}`;
    const found = faults.map((fault) => ({ ...fault, pointer: place + fault.pointer.slice(1) }));
    const isTooLarge = json === null || json.length > MAX_ITEM_CHARACTERS;
    return [...found, ...(isTooLarge ? [tooLarge(place)] : this.#check(item, index, line))];
  }

  #check(item: unknown, index: number, line: number | undefined): Fault[] {
    if (this.#isImport && isImportKind(this.#operation))
      return importFaults(this.#operation, item, index);
    const faults = itemFaults(this.#operation, item, index);
    const pointer = `#/items/${index}`;
    if (this.#operation === "tasks") {
      const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(item);
      if (v.is(UserId, assignee_id)) this.#assignees.push([assignee_id.toLowerCase(), index, line]);
      return [...faults, ...unknownChannels(notify, this.#known, `${pointer}/notify`)];
    }
    if (faults.length > 0 || this.#operation !== "external-api") return faults;
    const request = v.parse(CallItem, item);
    const { id = String(index) } = request;
    const call = prepareCall(request, id, pointer, this.#known);
    if ("pointer" in call) return [call];
    if (this.#ids.has(id))
      return [{ pointer: `${pointer}/id`, detail: `The id "${id}" stands twice` }];
    this.#ids.add(id);
    return [];
  }

  #note(fault: Fault, line?: number): void {
    this.#faultCount += 1;
    if (this.#faults.length === MAX_FAULTS) return;
    this.#faults.push(line === undefined ? fault : { ...fault, line });
  }

  #pack(json: string): void {
    if (this.#openCharacters + json.length > MAX_CHUNK_CHARACTERS) this.#close();
    this.#open.push(json);
    this.#openCharacters += json.length + 1;
    if (this.#open.length === chunkItems(this.#operation, this.#isImport)) this.#close();
  }

  #close(): void {
    if (this.#open.length === 0) return;
    this.#full.push({
      first: this.#nextFirst,
      size: this.#open.length,
      items: `[${this.#open.join(",")}]`,
    });
    this.#fullCharacters += this.#openCharacters;
    this.#nextFirst += this.#open.length;
    this.#open = [];
    this.#openCharacters = 0;
  }
}

/** An item's JSON, or null for one so large that writing it would take more memory than the body did. */
function jsonOf(item: unknown): string | null {
  return isJsonLonger(item, MAX_ITEM_CHARACTERS) ? null : JSON.stringify(item);
}

function tooLarge(pointer: string): Fault {
  return { pointer, detail: `More than ${MAX_ITEM_CHARACTERS} characters as JSON` };
}
