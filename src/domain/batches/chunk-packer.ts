// Packs the items of a new batch into chunks, while they are still being read.
import type { JsonText } from "../../lib/json-text";
import type { NewChunk } from "./job-record";

const encoder = new TextEncoder();

/**
 * Characters of a chunk's JSON, which only a single item may exceed. Few, so that V8 collects its texts with all that is
 * young: larger ones it moves to its old generation as soon as they outlive a collection.
 */
const MAX_CHUNK_CHARACTERS = 60 * 1024;
/**
 * Characters of complete chunks after which they are handed over. Few, since the Worker and the job hold them
 * several times while a call is made.
 */
const MAX_FULL_CHARACTERS = 256 * 1024;

/** Takes items one by one, and gives out complete chunks. */
export class ChunkPacker {
  readonly #maxItems: number;
  #nextFirst = 0;
  #open: string[] = [];
  #openIds: (string | null)[] = [];
  #openCharacters = 0;
  #full: NewChunk[] = [];
  #fullCharacters = 0;
  #hasIds = false;

  /** @param maxItems of a chunk */
  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  /** True if enough chunks are complete to be handed to the job before the next item is read. */
  get isFull(): boolean {
    return this.#fullCharacters >= MAX_FULL_CHARACTERS;
  }

  /** True if an item of the chunks has an id of its own. */
  get hasIds(): boolean {
    return this.#hasIds;
  }

  /** Adds an item as JSON, with its id or null. One in bytes gets a chunk of its own. */
  add(json: string | JsonText, id: string | null): void {
    const isText = typeof json !== "string";
    if (isText || this.#openCharacters + json.length > MAX_CHUNK_CHARACTERS) this.#close();
    // A copy, since the memory of what was handed over is given back.
    if (isText) return this.#complete(json.bytes.slice(), json.length, [id]);
    this.#open.push(json);
    this.#openIds.push(id);
    this.#openCharacters += json.length + 1;
    if (this.#open.length === this.#maxItems) this.#close();
  }

  /** Returns the complete chunks and forgets them. */
  takeFull(): NewChunk[] {
    const full = this.#full;
    this.#full = [];
    this.#fullCharacters = 0;
    return full;
  }

  /** Returns the last chunks, complete or not. */
  takeRest(): NewChunk[] {
    this.#close();
    return this.takeFull();
  }

  #close(): void {
    if (this.#open.length === 0) return;
    this.#complete(encoder.encode(this.#open.join(",")), this.#openCharacters, this.#openIds);
    this.#open = [];
    this.#openIds = [];
    this.#openCharacters = 0;
  }

  #complete(items: Uint8Array, characters: number, ids: readonly (string | null)[]): void {
    const areNamed = ids.some((id) => id !== null);
    this.#hasIds ||= areNamed;
    this.#full.push({
      first: this.#nextFirst,
      size: ids.length,
      items,
      ...(areNamed && { ids: JSON.stringify(ids) }),
    });
    this.#fullCharacters += characters;
    this.#nextFirst += ids.length;
  }
}
