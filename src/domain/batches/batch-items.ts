// Validates the items of a new batch, and packs them into chunks, while they are still being read.
import * as v from "valibot";
import { isJsonLonger } from "../../lib/is-json-longer";
import { isLonger } from "../../lib/is-longer";
import type { JsonText } from "../../lib/json-text";
import { TextSet } from "../../lib/text-set";
import { prepareCall, type NamedUpstreams } from "../calls/prepare-call";
import { invalidBody, MAX_FAULTS, type Fault } from "../errors";
import { unknownChannels, type NamedChannels } from "../notifications/channel-names";
import { MAX_BATCH_CHARACTERS, MAX_ITEM_CHARACTERS } from "../platform";
import { Assignees } from "./assignees";
import { CallItem, itemFaults } from "./batch-operations";
import { fillTemplate, strayPaths } from "./call-template";
import { ChunkPacker } from "./chunk-packer";
import { chunkItems } from "./executor";
import { importFaults, isImportKind } from "./import-items";
import type { NewChunk } from "./job-record";

/** Characters of an item's id. */
const MAX_ID_CHARACTERS = 200;

/** Names that items may refer to: upstreams and channels. */
export type KnownNames = NamedUpstreams & NamedChannels;

/** Surroundings and bounds by which items are taken in. */
export interface ItemRules {
  readonly operation: unknown;
  /** Items of the whole batch, at most. */
  readonly maxItems: number;
  /** Characters of all items as JSON, at most. */
  readonly maxCharacters?: number;
  /** True if the items are records of an export. */
  readonly isImport?: boolean;
  /** Template of the call that each item, a row, makes; absent if items are what they are. */
  readonly template?: unknown;
}

/** Facts about an item besides its value. */
export interface ItemSource {
  /** Its JSON, where the caller has it already. */
  readonly json?: string | JsonText | undefined;
  /** Its id, where that does not stand beside the item itself. */
  readonly id?: string;
  /** True for a row of a table, whose columns `id` and `item` are two as any others. */
  readonly isRow?: true;
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
  readonly #packer: ChunkPacker;
  readonly #assignees = new Assignees();
  readonly #faults: Fault[] = [];
  #faultCount = 0;
  #count = 0;
  #allCharacters = 0;
  /** Ids of items, and of calls, which are numbered without one: to find duplicates. */
  readonly #ids = new TextSet();

  constructor(rules: ItemRules, known: KnownNames) {
    this.#rules = rules;
    this.#maxCharacters = rules.maxCharacters ?? MAX_BATCH_CHARACTERS;
    this.#known = known;
    this.#packer = new ChunkPacker(chunkItems(rules.operation, rules.isImport));
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

  /** True if enough chunks are complete to be handed to the job before the next item is read. */
  get isFull(): boolean {
    return this.#packer.isFull;
  }

  /** True if an item of the chunks given out has an id of its own. */
  get hasIds(): boolean {
    return this.#packer.hasIds;
  }

  /** The faults of the items so far, at most 100. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** The number of all faults so far. */
  get faultCount(): number {
    return this.#faultCount;
  }

  /** Adds an item. Its faults are collected for `finish`. */
  add(value: unknown, source: ItemSource = {}): void {
    const index = this.#count;
    const { maxItems } = this.#rules;
    const { line } = source;
    this.#count += 1;
    if (index === maxItems) this.fault(`At most ${maxItems} items`, "#/items", line);
    if (index >= maxItems) return;
    const given = this.#open(value, index, source);
    for (const fault of this.#judge(given, source)) this.#note(fault, line);
    const { json } = given;
    if (json === null) return;
    this.#allCharacters += json.length;
    if (this.#allCharacters > this.#maxCharacters)
      this.fault(`More than ${this.#maxCharacters} characters as JSON`, "#/items", line);
    if (this.#faultCount === 0) this.#packer.add(json, this.#idOf(given));
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

  /** Adds a fault for each task whose assignee is no user. Looks up the assignees added since the last call. */
  async checkAssignees(missing: (ids: readonly string[]) => Promise<readonly string[]>) {
    for (const fault of await this.#assignees.check(missing)) this.#note(fault);
  }

  /** Returns the complete chunks and forgets them. */
  takeFull(): NewChunk[] {
    return this.#packer.takeFull();
  }

  /**
   * Returns the last chunks, after all items were added.
   *
   * @throws DomainError `invalid-body` naming every bad item, at most 100
   */
  finish(): NewChunk[] {
    if (this.#count === 0 && this.#faultCount === 0) this.fault("No items");
    if (this.#faultCount > 0) throw invalidBody(this.#faults, this.#faultCount);
    return this.#packer.takeRest();
  }

  #open(value: unknown, index: number, source: ItemSource): GivenItem {
    const named = this.#rules.isImport === true || source.isRow === true ? null : namedItem(value);
    const place = `#/items/${index}`;
    if (named === null)
      return { item: value, id: source.id, index, place, json: jsonOf(value, source.json) };
    return { ...named, index, place: `${place}/item`, json: jsonOf(named.item) };
  }

  /** Faults of an item: those found on the way, and those that it has as an item of this batch. */
  #judge(given: GivenItem, { faults = [], line }: ItemSource): readonly Fault[] {
    const { id, index, place, json } = given;
    const found = faults.map(({ pointer, detail }) => ({
      pointer: `#/items/${index}${pointer.slice(1)}`,
      detail,
    }));
    if (json === null || json.length > MAX_ITEM_CHARACTERS) return [...found, tooLarge(place)];
    return [...found, ...this.#checkId(id, index), ...this.#check(given, line)];
  }

  #checkId(id: unknown, index: number): Fault[] {
    if (id === undefined) return [];
    const pointer = `#/items/${index}/id`;
    if (typeof id !== "string" || id === "" || isLonger(id, MAX_ID_CHARACTERS))
      return [{ pointer, detail: `An id is a text of 1 to ${MAX_ID_CHARACTERS} characters` }];
    return this.#ids.add(id) ? [] : [{ pointer, detail: `The id "${id}" stands twice` }];
  }

  #check(given: GivenItem, line: number | undefined): Fault[] {
    const { operation, isImport } = this.#rules;
    const { item, index, place } = given;
    if (isImport === true && isImportKind(operation)) return importFaults(operation, item, index);
    if (operation === "external-api") return this.#checkCall(given);
    const faults = itemFaults(operation, item, place);
    if (operation !== "tasks") return faults;
    const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(item);
    this.#assignees.add(assignee_id, place, line);
    return [...faults, ...unknownChannels(notify, this.#known, `${place}/notify`)];
  }

  #checkCall({ item, id, index, place }: GivenItem): Fault[] {
    const { operation, template } = this.#rules;
    const body = template === undefined ? item : fillTemplate(template, Object(item));
    const stray = template === undefined ? [] : strayPaths(body);
    const faults = [
      ...itemFaults(operation, body, place),
      ...stray.map((at) => ({ pointer: place + at, detail: "The path has a segment . or .." })),
    ];
    if (faults.length > 0) return faults;
    const request = v.parse(CallItem, body);
    const callId = request.id ?? String(index);
    const call = prepareCall(request, callId, place, this.#known);
    if ("length" in call) return [...call];
    if (id !== undefined || this.#ids.add(callId)) return [];
    return [{ pointer: `${place}/id`, detail: `The id "${callId}" stands twice` }];
  }

  /** The id by which an item comes back: its own, or that of its call. */
  #idOf({ item, id }: GivenItem): string | null {
    const { operation, template } = this.#rules;
    const isCall = operation === "external-api" && template === undefined;
    const own: unknown = id ?? (isCall ? Object(item).id : undefined);
    return typeof own === "string" ? own : null;
  }

  #note(fault: Fault, line?: number): void {
    this.#faultCount += 1;
    if (this.#faults.length === MAX_FAULTS) return;
    this.#faults.push(line === undefined ? fault : { ...fault, line });
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
  readonly json: string | JsonText | null;
}

/** An item that stands beside its id, as `{"id": "a", "item": …}`; null for any other. */
function namedItem(value: unknown): { readonly item: unknown; readonly id: unknown } | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("id" in value && "item" in value) || Object.keys(value).length !== 2) return null;
  const { id, item } = value;
  return { item, id: Number.isSafeInteger(id) ? String(id) : id };
}

/** An item's JSON, or null for one so large that writing it would take more memory than the body did. */
function jsonOf(item: unknown, given?: string | JsonText): string | JsonText | null {
  // With its spaces and escapes it may be longer than it need be.
  if (given !== undefined && given.length <= MAX_ITEM_CHARACTERS) return given;
  return isJsonLonger(item, MAX_ITEM_CHARACTERS) ? null : JSON.stringify(item);
}

function tooLarge(pointer: string): Fault {
  return { pointer, detail: `More than ${MAX_ITEM_CHARACTERS} characters as JSON` };
}
