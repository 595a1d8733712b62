// Items of a batch on their way in: validated, and packed into chunks while they are read.
import * as v from "valibot";
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

/** JSON of a chunk, which is a row like that of the largest item. */
const MAX_CHUNK_CHARACTERS = MAX_ITEM_CHARACTERS;
/** JSON of chunks that wait to be taken: three bytes a character, and the call carries more than them. */
const MAX_FULL_CHARACTERS = OBJECT_CALL_BYTES / 4;
/** Each hundred of them is a read of KV; half of the invocation's requests are left to others. */
const MAX_ASSIGNEES = (SERVICE_REQUESTS_PER_INVOCATION / 2) * 100;

/** What items may name. */
export type KnownNames = NamedUpstreams & NamedChannels;

/** Takes items one by one, and gives chunks. */
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
  /** Ids of calls: given by the caller, or their index. */
  readonly #ids = new Set<string>();
  /** Assignees of tasks that were taken since the last look, with the index of their item. */
  readonly #assignees: [id: string, index: number][] = [];
  /** Whether an assignee that was looked up is a user. */
  readonly #areUsers = new Map<string, boolean>();

  /**
   * @param maxItems of the whole batch
   * @param isImport whether the items are records of an export
   */
  constructor(operation: unknown, known: KnownNames, maxItems: number, isImport = false) {
    this.#operation = operation;
    this.#known = known;
    this.#maxItems = maxItems;
    this.#isImport = isImport;
  }

  /** Items taken so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether a limit of the whole batch is passed: what comes further on changes nothing. */
  get isOver(): boolean {
    return this.#count > this.#maxItems || this.#allCharacters > MAX_BATCH_CHARACTERS;
  }

  /** Whether the complete chunks are many enough to be taken before the next item. */
  get isFull(): boolean {
    return this.#fullCharacters >= MAX_FULL_CHARACTERS;
  }

  /** Takes an item, with its JSON where the caller has it already. Its faults are kept for `finish`. */
  add(item: unknown, json: string = JSON.stringify(item)): void {
    const index = this.#count;
    this.#count += 1;
    if (index === this.#maxItems) this.fault(`At most ${this.#maxItems} items`);
    if (index >= this.#maxItems) return;
    const faults = json.length > MAX_ITEM_CHARACTERS ? [tooLarge(index)] : this.#check(item, index);
    for (const fault of faults) this.#note(fault);
    this.#allCharacters += json.length;
    if (this.#allCharacters > MAX_BATCH_CHARACTERS)
      this.fault(`More than ${MAX_BATCH_CHARACTERS} characters as JSON`);
    if (this.#faultCount === 0) this.#pack(json);
  }

  /** Notes that the next item cannot be read at all, and counts it. */
  addUnreadable(detail: string): void {
    this.#note({ pointer: `#/items/${this.#count}`, detail });
    this.#count += 1;
  }

  /** Notes a fault of the batch as a whole. */
  fault(detail: string, pointer = "#/items"): void {
    this.#note({ pointer, detail });
  }

  /** What is wrong with the items taken so far, at most 100 faults. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Notes the tasks whose assignee is none of the users; asked for those taken since the last time. */
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
    for (const [id, index] of asked) {
      if (this.#areUsers.get(id) === false)
        this.fault(NO_SUCH_USER, `#/items/${index}/assignee_id`);
    }
  }

  /** The chunks that are complete; they are the taker's from now on. */
  takeFull(): NewChunk[] {
    const full = this.#full;
    this.#full = [];
    this.#fullCharacters = 0;
    return full;
  }

  /**
   * The last chunks, once all items are in.
   *
   * @throws DomainError `invalid-body` naming every bad item, at most 100
   */
  finish(): NewChunk[] {
    if (this.#count === 0) this.fault("No items");
    if (this.#faultCount > 0) throw invalidBody(this.#faults, this.#faultCount);
    this.#close();
    return this.takeFull();
  }

  #check(item: unknown, index: number): Fault[] {
    if (this.#isImport && isImportKind(this.#operation))
      return importFaults(this.#operation, item, index);
    const faults = itemFaults(this.#operation, item, index);
    const pointer = `#/items/${index}`;
    if (this.#operation === "tasks") {
      const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(item);
      if (v.is(UserId, assignee_id)) this.#assignees.push([assignee_id.toLowerCase(), index]);
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

  #note(fault: Fault): void {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault);
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

function tooLarge(index: number): Fault {
  return {
    pointer: `#/items/${index}`,
    detail: `More than ${MAX_ITEM_CHARACTERS} characters as JSON`,
  };
}
