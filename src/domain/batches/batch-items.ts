// Validates the items of a new batch, and packs them into chunks, while they are still being read.
import * as v from "valibot";
import { isJsonLonger } from "../../lib/is-json-longer";
import { TextSet } from "../../lib/text-set";
import { CallItem, itemFaults } from "./batch-operations";
import { fillTemplate } from "./call-template";
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

/** Characters of an item's id. */
const MAX_ID_CHARACTERS = 200;

/** Names that items may refer to: upstreams and channels. */
export type KnownNames = NamedUpstreams & NamedChannels;

/** What a batch takes in. */
export interface ItemRules {
  readonly operation: unknown;
  /** Items of the whole batch, at most. */
  readonly maxItems: number;
  /** Characters of all items as JSON, at most. */
  readonly maxCharacters?: number;
  /** True if the items are records of an export. */
  readonly isImport?: boolean;
  /** Template of the call that each item, a row, makes; null or absent if items are what they are. */
  readonly template?: unknown;
}

/** Facts about an item besides its value. */
export interface ItemSource {
  /** Its JSON, where the caller has it already. */
  readonly json?: string;
  /** Its name, where it is not beside the item itself. */
  readonly id?: string;
  /** Number of the line where the item begins, in a body of lines. */
  readonly line?: number;
  /** Faults found while reading the item, with pointers relative to it. */
  readonly faults?: readonly Fault[];
}

/** A batch being read: takes items one by one, and gives out complete chunks. */
export class BatchItems {
  readonly #rules: ItemRules;
  readonly #maxCharacters: number;
  readonly #known: KnownNames;
  readonly #faults: Fault[] = [];
  #faultCount = 0;
  #count = 0;
  #nextFirst = 0;
  #open: string[] = [];
  #openIds: (string | null)[] = [];
  #openCharacters = 0;
  #full: NewChunk[] = [];
  #fullCharacters = 0;
  #allCharacters = 0;
  #hasIds = false;
  /** Ids of items, and of calls, which are numbered without one: to find duplicates. */
  readonly #ids = new TextSet();
  /** Assignees of tasks added since the last `checkAssignees`, with the index and line of their item. */
  readonly #assignees: [id: string, index: number, line: number | undefined][] = [];
  /** Results of the lookups so far: true if an assignee is a user. */
  readonly #areUsers = new Map<string, boolean>();

  constructor(rules: ItemRules, known: KnownNames) {
    this.#rules = rules;
    this.#maxCharacters = rules.maxCharacters ?? MAX_BATCH_CHARACTERS;
    this.#known = known;
  }

  /** Number of items added so far. */
  get count(): number {
    return this.#count;
  }

  /** True if a limit of the whole batch is exceeded: the rest of the body need not be read. */
  get isOver(): boolean {
    return this.#count > this.#rules.maxItems || this.#allCharacters > this.#maxCharacters;
  }

  /** True if there are more faults than are listed: the rest of the body need not be read. */
  get isLost(): boolean {
    return this.#faultCount > MAX_FAULTS;
  }

  /** True if an item has an id of its own. */
  get hasIds(): boolean {
    return this.#hasIds;
  }

  /** True if enough chunks are complete to be handed to the job before the next item is read. */
  get isFull(): boolean {
    return this.#fullCharacters >= MAX_FULL_CHARACTERS;
  }

  /** Adds an item. Its faults are collected for `finish`. */
  add(value: unknown, source: ItemSource = {}): void {
    const index = this.#count;
    const { maxItems, isImport = false } = this.#rules;
    this.#count += 1;
    if (index === maxItems) this.fault(`At most ${maxItems} items`, "#/items", source.line);
    if (index >= maxItems) return;
    const named = isImport ? null : namedItem(value);
    const { item, id = source.id } = named ?? { item: value };
    const place = `#/items/${index}${named === null ? "" : "/item"}`;
    const json = (named === null ? source.json : undefined) ?? jsonOf(item);
    const given: GivenItem = { item, id, index, place, json };
    for (const fault of this.#judge(given, source)) this.#note(fault, source.line);
    if (json === null) return;
    this.#allCharacters += json.length;
    if (this.#allCharacters > this.#maxCharacters)
      this.fault(`More than ${this.#maxCharacters} characters as JSON`, "#/items", source.line);
    if (this.#faultCount === 0) this.#pack(json, this.#idOf(given));
  }

  /** Counts an item that could not be read at all, and adds its fault. */
  addUnreadable(detail: string, line?: number): void {
    this.#note({ pointer: `#/items/${this.#count}`, detail }, line);
    this.#count += 1;
  }

  /** Adds a fault of the batch as a whole. */
  fault(detail: string, pointer = "#/items", line?: number): void {
    this.#note({ pointer, detail }, line);
  }

  /** The faults of the items so far, at most 100. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** The number of all faults so far. */
  get faultCount(): number {
    return this.#faultCount;
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
    if (this.#count === 0 && this.#faultCount === 0) this.fault("No items");
    if (this.#faultCount > 0) throw invalidBody(this.#faults, this.#faultCount);
    return this.takeRest();
  }

  /** Returns the last chunks, complete or not. */
  takeRest(): NewChunk[] {
    this.#close();
    return this.takeFull();
  }

  /** Faults of an item: those found on the way, and those that it has as an item of this batch. */
  #judge(given: GivenItem, { faults = [], line }: ItemSource): readonly Fault[] {
    const { id, index, place, json } = given;
    const found = faults.map((fault) => ({
      ...fault,
      pointer: `#/items/${index}${fault.pointer.slice(1)}`,
    }));
    if (json === null || json.length > MAX_ITEM_CHARACTERS) return [...found, tooLarge(place)];
    return [...found, ...this.#checkId(id, index), ...this.#check(given, line)];
  }

  #checkId(id: unknown, index: number): Fault[] {
    if (id === undefined) return [];
    const pointer = `#/items/${index}/id`;
    if (typeof id !== "string" || id === "" || id.length > MAX_ID_CHARACTERS)
      return [{ pointer, detail: `An id is a text of 1 to ${MAX_ID_CHARACTERS} characters` }];
    return this.#ids.add(id) ? [] : [{ pointer, detail: `The id "${id}" stands twice` }];
  }

  #check({ item, id, index, place }: GivenItem, line: number | undefined): Fault[] {
    const { operation, isImport = false, template = null } = this.#rules;
    if (isImport && isImportKind(operation)) return importFaults(operation, item, index);
    const body = template === null ? item : fillTemplate(template, Object(item));
    const faults = itemFaults(operation, body, place);
    if (operation === "tasks") {
      const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(item);
      if (v.is(UserId, assignee_id)) this.#assignees.push([assignee_id.toLowerCase(), index, line]);
      return [...faults, ...unknownChannels(notify, this.#known, `${place}/notify`)];
    }
    if (faults.length > 0 || operation !== "external-api") return faults;
    const request = v.parse(CallItem, body);
    const callId = request.id ?? String(index);
    const call = prepareCall(request, callId, place, this.#known);
    if ("pointer" in call) return [call];
    if (id !== undefined || this.#ids.add(callId)) return [];
    return [{ pointer: `${place}/id`, detail: `The id "${callId}" stands twice` }];
  }

  /** The id by which an item comes back: its own, or that of its call. */
  #idOf({ item, id }: GivenItem): string | null {
    const { operation } = this.#rules;
    const own: unknown = id ?? (operation === "external-api" ? Object(item).id : undefined);
    return typeof own === "string" ? own : null;
  }

  #note(fault: Fault, line?: number): void {
    this.#faultCount += 1;
    if (this.#faults.length === MAX_FAULTS) return;
    this.#faults.push(line === undefined ? fault : { ...fault, line });
  }

  #pack(json: string, id: string | null): void {
    if (this.#openCharacters + json.length > MAX_CHUNK_CHARACTERS) this.#close();
    this.#open.push(json);
    this.#openIds.push(id);
    this.#openCharacters += json.length + 1;
    const { operation, isImport = false } = this.#rules;
    if (this.#open.length === chunkItems(operation, isImport)) this.#close();
  }

  #close(): void {
    if (this.#open.length === 0) return;
    const areNamed = this.#openIds.some((id) => id !== null);
    this.#hasIds ||= areNamed;
    this.#full.push({
      first: this.#nextFirst,
      size: this.#open.length,
      items: `[${this.#open.join(",")}]`,
      ...(areNamed && { ids: JSON.stringify(this.#openIds) }),
    });
    this.#fullCharacters += this.#openCharacters;
    this.#nextFirst += this.#open.length;
    this.#open = [];
    this.#openIds = [];
    this.#openCharacters = 0;
  }
}

/** An item on its way in. */
interface GivenItem {
  readonly item: unknown;
  readonly id: unknown;
  readonly index: number;
  /** JSON Pointer of the item in the body. */
  readonly place: string;
  /** Its JSON; null if it is too large to be written. */
  readonly json: string | null;
}

/** An item that stands beside its id, as `{"id": "a", "item": …}`; null for any other. */
function namedItem(value: unknown): { readonly item: unknown; readonly id: unknown } | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("id" in value && "item" in value) || Object.keys(value).length !== 2) return null;
  const { id, item } = value;
  return { item, id: Number.isSafeInteger(id) ? String(id) : id };
}

/** An item's JSON, or null for one so large that writing it would take more memory than the body did. */
function jsonOf(item: unknown): string | null {
  return isJsonLonger(item, MAX_ITEM_CHARACTERS) ? null : JSON.stringify(item);
}

function tooLarge(pointer: string): Fault {
  return { pointer, detail: `More than ${MAX_ITEM_CHARACTERS} characters as JSON` };
}
