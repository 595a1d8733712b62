// Takes in a body of lines that comes as a stream: each piece is split, checked and stored before the next is
// read, so that a million items need no more memory than one chunk of them.
import type { Fault } from "../errors";
import { BatchItems, type ItemRules, type KnownNames } from "./batch-items";
import type { NewChunk } from "./job-record";
import {
  NotUtf8Error,
  openUpload,
  type Dialect,
  type UploadReader,
  type UploadRecord,
} from "./upload-records";

/** A body of lines, and how it is to be read. Plain data, since it goes to the job. */
export interface Upload {
  readonly mediaType: string;
  readonly rules: ItemRules;
  readonly dialect: Omit<Dialect, keyof ItemRules>;
  readonly maxBytes: number;
  readonly hasToken: boolean;
  /** Faults of the request beside the body, for which it is refused together with those of its items. */
  readonly faults: readonly Fault[];
}

/** Outcome of an upload. */
export type Taken =
  | {
      readonly status: "taken";
      readonly count: number;
      readonly columns: readonly string[] | null;
      readonly hasIds: boolean;
    }
  | { readonly status: "faulty"; readonly faults: readonly Fault[]; readonly count: number }
  | { readonly status: Verdict };

/** A refusal of a body as a whole. */
type Verdict = "too-large" | "not-utf8" | "not-admitted";

/** Surroundings of an upload. */
export interface IntakeDeps {
  readonly known: KnownNames;
  /** Stores chunks, which is undone by the caller where the upload fails. */
  readonly store: (chunks: readonly NewChunk[]) => Promise<void>;
  /** Asks if so many items in all may be stored. */
  readonly admit: (count: number) => Promise<boolean>;
  /** Returns those of the ids that belong to no user. */
  readonly missingUsers: (ids: readonly string[]) => Promise<readonly string[]>;
}

/** A body being taken in. What follows a verdict is dropped, since it cannot change it. */
export class Intake {
  readonly #upload: Upload;
  readonly #deps: IntakeDeps;
  readonly #items: BatchItems;
  readonly #reader: UploadReader;
  #bytes = 0;
  #verdict: Verdict | null = null;
  #isDropping = false;

  constructor(upload: Upload, deps: IntakeDeps) {
    const { rules, dialect } = upload;
    this.#upload = upload;
    this.#deps = deps;
    this.#items = new BatchItems(rules, deps.known);
    for (const { pointer, detail } of upload.faults) this.#items.fault(detail, pointer);
    this.#reader = openUpload(upload.mediaType, {
      ...dialect,
      operation: rules.operation,
      template: rules.template ?? null,
    });
  }

  /** Takes the next piece, which may be reused afterwards. */
  async take(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.byteLength;
    if (this.#bytes > this.#upload.maxBytes) this.#refuse("too-large");
    if (!this.#isDropping) await this.#read(() => this.#reader.push(piece));
  }

  /** Takes what is left after the last piece. */
  async end(): Promise<Taken> {
    const items = this.#items;
    if (!this.#isDropping) await this.#read(() => this.#reader.end());
    await items.checkAssignees(this.#deps.missingUsers);
    if (items.count === 0 && items.faultCount === 0) items.fault("No items");
    const { faults, faultCount, count } = items;
    if (faultCount === 0 && this.#verdict === null) await this.#store(items.finish());
    if (this.#verdict !== null) return { status: this.#verdict };
    if (faultCount > 0) return { status: "faulty", faults, count: faultCount };
    return { status: "taken", count, columns: this.#reader.columns, hasIds: items.hasIds };
  }

  async #read(records: () => Iterable<UploadRecord>): Promise<void> {
    const items = this.#items;
    try {
      for (const record of records()) {
        this.#add(record);
        this.#isDropping ||= items.isOver || items.isLost;
        if (this.#isDropping) return;
      }
    } catch (error) {
      if (error instanceof NotUtf8Error) return this.#refuse("not-utf8");
      throw error;
    }
    await items.checkAssignees(this.#deps.missingUsers);
    if (items.faultCount === 0) await this.#store(items.takeFull());
  }

  #add(record: UploadRecord): void {
    const { line } = record;
    if ("refused" in record) {
      this.#items.fault(record.refused, "#/items", line);
      this.#isDropping = true;
    } else if ("unreadable" in record) this.#items.addUnreadable(record.unreadable, line);
    else this.#items.add(record.item, record);
  }

  async #store(chunks: readonly NewChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    if (await this.#deps.admit(this.#items.count)) await this.#deps.store(chunks);
    else this.#refuse("not-admitted");
  }

  #refuse(verdict: Verdict): void {
    this.#verdict ??= verdict;
    this.#isDropping = true;
  }
}
