// The memory that a running pipeline holds. Item steps in a row take one group of entries after another through all
// of them: what lives no longer than a group is collected at once, while a whole list is moved to V8's old
// generation, which is not collected before it is large.
import { ItemError, overChars } from "./errors";
import { isFarOver, MAX_HELD_BYTES, MAX_ITEM_BYTES, MAX_TEXT_CHARS } from "./limits";
import type { Entry } from "./operation";
import { Sizer, sizeOf } from "./size";

/** An entry while its pipeline runs: outputs take the place of inputs, whose memory becomes free. */
export type Place = { -readonly [K in keyof Entry]: Entry[K] };

/** A list of entries that need not exist yet. */
export interface Source {
  readonly length: number;
  readonly entry: (at: number) => Place;
}

/** Entries of a group, at most. */
export const GROUP_ENTRIES = 1024;
/** Entries of the first group, before it is known what they make, and how many times as many the next may have. */
const FIRST_ENTRIES = 4;
const GROWTH = 4;
/** Characters from which on a group takes no further entry. */
const GROUP_CHARS = 16 * 1024;
/** Bytes that a group's last step should make: the next group is as large as that takes. */
const GROUP_BYTES = 32 * 1024;
/** Characters of a text that no bound on a single text concerns. */
const SHORT_CHARS = 1_000;
/** Bytes that a short text holds at most. */
const ROOM_BYTES = 4 * SHORT_CHARS;

/** Counts the memory of a pipeline's entries, by an estimate on the safe side, and an exact one where that is over. */
export class Held {
  /** Sizes of what the running step takes and of what it makes: both are in memory at once. */
  #before = new Sizer(false);
  #made = new Sizer(false);
  /** The entries that are held beside the group, or with it among them. */
  #list: Place[] = [];
  #listBytes = 0;
  #listChars = 0;
  #isGroupListed = false;
  #groupBytes = 0;
  #groupEntries = FIRST_ENTRIES;
  #isExact = false;

  /** Bytes of memory. */
  get bytes(): number {
    return this.#listBytes + this.#before.bytes + this.#made.bytes;
  }

  /** True if a step or the list takes too much. */
  get isOver(): boolean {
    return this.bytes > MAX_HELD_BYTES;
  }

  /** Characters of the entries that the next step takes. */
  get chars(): number {
    return this.#made.chars;
  }

  /** Begins a step over what the last one made. */
  next(): void {
    [this.#before, this.#made] = [this.#made, this.#before];
    this.#made.reset(this.#isExact);
  }

  /** Counts what is made besides the entries. */
  add(made: unknown): void {
    this.#made.bytes += sizeOf(made).bytes;
  }

  /**
   * Measures a whole list, which a step takes at once.
   *
   * @param refuse called for a value that is nested too deeply; returns the entry in its place
   */
  takeList(list: Place[], refuse: (entry: Entry, error: unknown) => Entry): Place[] {
    this.#reset();
    for (const entry of list) {
      this.#measure(entry, refuse);
      if (isFarOver(this.bytes, MAX_HELD_BYTES)) break;
    }
    return list;
  }

  /** Begins to take a list in groups: what the last step made, or what the request has. */
  beginGroups(list: Place[] | null): void {
    this.#isGroupListed = list !== null;
    this.#list = list ?? [];
    this.#listBytes = list === null ? 0 : this.#made.bytes;
    this.#listChars = 0;
  }

  /** Takes the next group of a list, and measures it. */
  takeGroup(
    source: Source,
    from: number,
    refuse: (entry: Entry, error: unknown) => Entry,
  ): Place[] {
    this.#reset();
    const group: Place[] = [];
    for (let at = from; at < source.length && group.length < this.#groupEntries; at += 1) {
      const entry = source.entry(at);
      this.#measure(entry, refuse);
      group.push(entry);
      if (this.#made.chars > GROUP_CHARS) break;
    }
    this.#groupBytes = this.#isGroupListed ? this.#made.bytes : 0;
    return group;
  }

  /** Ends a group, whose entries are kept for a step that takes the whole list, or were written. */
  endGroup(group: Place[], isKept: boolean): void {
    this.#listBytes -= this.#groupBytes;
    const fitting = Math.ceil((group.length * GROUP_BYTES) / Math.max(1, this.#made.bytes));
    this.#groupEntries = Math.min(GROUP_ENTRIES, fitting, group.length * GROWTH);
    if (!isKept) {
      for (const entry of group) entry.value = null;
      return;
    }
    if (!this.#isGroupListed) this.#keep(group);
    this.#listBytes += this.#made.bytes;
    this.#listChars += this.#made.chars;
  }

  /** The entries that were kept, which the next step takes. */
  endGroups(): Place[] {
    const list = this.#list;
    this.#list = [];
    this.#reset();
    this.#made.bytes = this.#listBytes;
    this.#made.chars = this.#listChars;
    this.#listBytes = 0;
    return list;
  }

  #keep(group: Place[]): void {
    // Nearly all lists are one group.
    if (this.#list.length === 0) this.#list = group;
    else for (const entry of group) this.#list.push(entry);
  }

  #reset(): void {
    this.#before.reset(this.#isExact);
    this.#made.reset(this.#isExact);
  }

  #measure(entry: Place, refuse: (entry: Entry, error: unknown) => Entry): void {
    try {
      this.#made.add(entry.value);
    } catch (error) {
      Object.assign(entry, refuse(entry, error));
    }
  }

  /** Stores an output in the place of its item. Throws `ItemError` for one that is too large by itself. */
  put(group: readonly Place[], at: number, output: unknown): void {
    const entry = group[at];
    if (entry === undefined) return;
    entry.value = output;
    const isShort = typeof output === "string" && output.length <= SHORT_CHARS;
    if (isShort && this.bytes < MAX_HELD_BYTES - ROOM_BYTES) {
      // Far from all bounds.
      this.#made.add(output);
      return;
    }
    this.#addLarge(output);
    if (this.isOver && !this.#isExact) this.#recount(group);
    // Once the step holds too much, its outputs are only counted, to tell how much too much it is.
    if (this.isOver) entry.value = null;
  }

  #addLarge(output: unknown): void {
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
  }

  /** Counts again, and exactly, what is held: the outputs so far, and the inputs that are left. */
  #recount(group: readonly Place[]): void {
    const { chars } = this.#made;
    this.#isExact = true;
    this.#reset();
    for (const { value } of group) this.#made.add(value);
    this.#made.chars = chars;
    const list = new Sizer(true);
    for (const { value } of this.#list) {
      list.add(value);
      if (isFarOver(list.bytes, MAX_HELD_BYTES)) break;
    }
    this.#listBytes = list.bytes - (this.#isGroupListed ? this.#made.bytes : 0);
    this.#groupBytes = 0;
  }
}
