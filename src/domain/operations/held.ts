// The memory that a running pipeline holds. Item steps in a row take one group of entries after another through all
// of them: what lives no longer than a group is collected at once, while a whole list is moved to V8's old
// generation, which is not collected before it is large.
import type { Entries, Refuser } from "./entries";
import { ItemError, overChars } from "./errors";
import { forget } from "../../lib/forget";
import { isFarOver, MAX_HELD_BYTES, MAX_ITEM_BYTES, MAX_TEXT_CHARS } from "./limits";
import { Sizer, sizeOf } from "./size";

/** Entries of a group, at most. */
export const GROUP_ENTRIES = 1024;
/** How many times as many entries the next group may have, where it is not known before what they make. */
const GROWTH = 4;
/** Characters from which on a group takes no further entry. */
const GROUP_CHARS = 16 * 1024;
/** Characters from which on a group certainly has a long item. */
export const LONG_CHARS = 4 * GROUP_CHARS;
/** Bytes that a group's last step should make: the next group is as large as that takes. */
const GROUP_BYTES = 32 * 1024;
/** Characters of a text that no bound on a single text concerns. */
export const SHORT_CHARS = 1_000;
/** Bytes that a step makes at least to count as kept: less is likely to be collected when it is free. */
const KEPT_BYTES = 2.25 * 1024 * 1024;
/**
 * The same for steps that do more than to change texts, whose garbage makes what they keep old; and where the pipelines
 * before have kept all that may be kept: none of those that follow is to add much.
 */
const LEAST_KEPT_BYTES = 1024 * 1024;
/** Bytes that a list or summary step takes for each entry: of keys, places, and lists that grow. */
const ENTRY_BYTES = 100;
/** Bytes that may be made of each character of an item before it fails. */
const FAILED_BYTES = 8;
/** Bytes that a short text holds at most. */
const ROOM_BYTES = 4 * SHORT_CHARS;

/** Counts the memory of a pipeline's entries, by an estimate on the safe side, and an exact one where that is over. */
export class Held {
  /** Bytes of what the running step takes, and the size of what it makes: both are in memory at once. */
  #takenBytes = 0;
  readonly #made = new Sizer(false);
  /** The values that are held beside the group: of the list that groups are taken from, and that they become. */
  #list: unknown[] = [];
  #listBytes = 0;
  #listChars = 0;
  #isGroupListed = false;
  #groupEntries = 1;
  #isExact = false;
  /** Bytes that are kept: by the steps that have ended, by the running one, and in the list that groups become. */
  #keptBytes = 0;
  #stepBytes = 0;
  #rowBytes = 0;

  /** Bytes that may be held. */
  readonly most: number;

  readonly #isFull: boolean;
  #leastKept = KEPT_BYTES;

  /** @param isFull true if the pipelines before have kept all that may be kept */
  constructor(most: number, isFull: boolean) {
    this.most = most;
    this.#isFull = isFull;
  }

  /** Bytes of memory. */
  get bytes(): number {
    return this.#listBytes + this.#takenBytes + this.#made.bytes;
  }

  /** Bytes of all that was made and has lived longer than a group: V8 may keep them until the request has ended. */
  get kept(): number {
    return this.#keptBytes + this.#large(this.#stepBytes) + this.#large(this.#rowBytes);
  }

  /** True if a step or the list takes too much. */
  get isOver(): boolean {
    return this.bytes > this.most;
  }

  /** Characters of the entries that the next step takes. */
  get chars(): number {
    return this.#made.chars;
  }

  /** Begins a step over what the last one made. */
  next(): void {
    this.#keptBytes += this.#large(this.#stepBytes);
    this.#stepBytes = 0;
    this.#takenBytes = this.#made.bytes;
    this.#made.reset(this.#isExact);
  }

  /** Counts what is made besides the entries. */
  add(made: unknown): void {
    const { bytes } = sizeOf(made);
    this.#made.bytes += bytes;
    this.#stepBytes += bytes;
  }

  /** Counts bytes that the running step keeps besides what it holds. */
  keep(bytes: number): void {
    this.#stepBytes += bytes;
  }

  /** Begins a step that takes so many entries at once. */
  takeEntries(count: number): void {
    this.#stepBytes = count * ENTRY_BYTES;
    this.#leastKept = this.#isFull ? LEAST_KEPT_BYTES : KEPT_BYTES;
  }

  /** Counts an item of so many characters that failed. */
  addFailed(chars: number): void {
    this.#stepBytes += chars * FAILED_BYTES;
  }

  /** Measures a whole list, which a step takes at once. A value that is nested too deeply fails. */
  takeList(list: Entries, refuser: Refuser): Entries {
    this.#reset();
    for (let at = 0; at < list.length && !isFarOver(this.bytes, MAX_HELD_BYTES); at += 1)
      list.measure(at, this.#made, refuser);
    return list;
  }

  /**
   * Begins to take a list in groups: what the last step made, or null for what the request has.
   *
   * @param keepsSize true if they make about as much as they are
   */
  beginGroups(list: Entries | null, keepsSize: boolean): void {
    this.#groupEntries = keepsSize ? GROUP_ENTRIES : 1;
    this.#leastKept = keepsSize && !this.#isFull ? KEPT_BYTES : LEAST_KEPT_BYTES;
    this.#isGroupListed = list !== null;
    if (list !== null) this.#list = list.values;
    this.#listBytes = list === null ? 0 : this.#made.bytes;
    this.#listChars = 0;
  }

  /** Takes the next group of a list, and measures it. A value that is nested too deeply fails. */
  takeGroup(list: Entries, from: number, refuser: Refuser): Entries {
    this.#reset();
    const end = Math.min(list.length, from + this.#groupEntries);
    let to = from;
    for (; to < end && this.#made.chars <= GROUP_CHARS; to += 1)
      list.measure(to, this.#made, refuser);
    // Nearly all lists are one group.
    const isWhole = to - from === list.length;
    const group = isWhole ? list : list.slice(from, to);
    if (this.#isGroupListed) {
      if (isWhole) this.#list = [];
      else this.#list.fill(null, from, to);
      this.#listBytes -= this.#made.bytes;
    }
    return group;
  }

  /** Ends a group, whose values are kept for a step that takes the whole list, unless they were written. */
  endGroup({ values }: Entries, from: number, isKept: boolean): void {
    const fitting = Math.ceil((values.length * GROUP_BYTES) / Math.max(1, this.#made.bytes));
    this.#groupEntries = Math.min(GROUP_ENTRIES, fitting, values.length * GROWTH);
    if (!isKept) {
      forget(values);
      return;
    }
    if (this.#large(this.#made.bytes) === 0) this.#rowBytes += this.#made.bytes;
    if (this.#list.length === 0) this.#list = values;
    else for (let at = 0; at < values.length; at += 1) this.#list[from + at] = values[at];
    this.#listBytes += this.#made.bytes;
    this.#listChars += this.#made.chars;
  }

  /** The values that were kept, which the next step takes. */
  endGroups(): unknown[] {
    const list = this.#list;
    this.#list = [];
    this.#reset();
    this.#keptBytes += this.#large(this.#rowBytes);
    this.#rowBytes = 0;
    this.#made.bytes = this.#listBytes;
    this.#made.chars = this.#listChars;
    this.#listBytes = 0;
    return list;
  }

  /** Bytes that count as kept, of those that a step has made. */
  #large(bytes: number): number {
    return bytes > this.#leastKept ? bytes : 0;
  }

  #reset(): void {
    this.#takenBytes = 0;
    this.#made.reset(this.#isExact);
  }

  /** The number of texts of `SHORT_CHARS` that may be stored before one is far from all bounds no more. */
  get room(): number {
    return this.#isExact ? 0 : Math.floor((this.most - this.bytes) / ROOM_BYTES);
  }

  /** Counts short texts, at most as many as there is room for, which were stored in the places of their items. */
  addTexts(count: number, chars: number): void {
    this.#made.addTexts(count, chars);
  }

  /** Stores an output in the place of its item. Throws `ItemError` for one that is too large by itself. */
  put(values: unknown[], at: number, output: unknown): void {
    values[at] = output;
    this.#addLarge(output);
    if (this.isOver && !this.#isExact) this.#recount(values);
    // Once the step holds too much, its outputs are only counted, to tell how much too much it is.
    if (this.isOver) values[at] = null;
  }

  #addLarge(output: unknown): void {
    const { bytes, chars } = this.#made;
    try {
      if (typeof output === "string" && output.length > MAX_TEXT_CHARS)
        throw overChars("The text", MAX_TEXT_CHARS);
      this.#made.add(output);
      // A long text is collected in time: it is one object.
      if (typeof output !== "string") this.#stepBytes += this.#made.bytes - bytes;
      if (this.#made.bytes - bytes > MAX_ITEM_BYTES && sizeOf(output).bytes > MAX_ITEM_BYTES)
        throw new ItemError("too-large", `The output would hold over ${MAX_ITEM_BYTES} bytes`);
    } catch (error) {
      [this.#made.bytes, this.#made.chars] = [bytes, chars];
      throw error;
    }
  }

  /** Counts again, and exactly, what is held: the outputs so far, the inputs that are left, and the list beside them. */
  #recount(group: readonly unknown[]): void {
    const { chars } = this.#made;
    this.#isExact = true;
    this.#reset();
    for (const value of group) this.#made.add(value);
    this.#made.chars = chars;
    const list = new Sizer(true);
    for (const value of this.#list) {
      list.add(value);
      if (isFarOver(list.bytes, MAX_HELD_BYTES)) break;
    }
    this.#listBytes = list.bytes;
  }
}
