// Writes of one table: a record's creation, change or deletion, its stored reply and its effects are one
// transaction. All synchronous, so that nothing interleaves.
import type { AnnounceDeps } from "../domain/records/announce";
import { decideAdoption, decideChange, decideDeletion } from "../domain/records/changes";
import type { PageQuery, RecordPage } from "../domain/records/queries";
import type { Effect, RecordChange, StoredRecord } from "../domain/records/record";
import type {
  Adoption,
  Creation,
  CreationResult,
  ImportOutcome,
  WriteCondition,
  WriteResult,
} from "../domain/records/table";
import { NO_SUCH_USER } from "../domain/records/tasks";
import { refused, type Refusal } from "../domain/errors";
import type { IdempotencyKeys } from "../storage/idempotency-keys";
import type { SqlOutbox } from "../storage/outbox-store";
import { RecordTable } from "../storage/record-table";
import type { ToldChannels } from "../storage/told-channels";
import type { TableDefinition } from "../storage/table-definition";

type Stored = { readonly id: string; readonly version: number };

/** Dependencies of a keeper. */
export interface KeeperParts<Value extends Stored, Filters> {
  readonly storage: DurableObjectStorage;
  readonly definition: TableDefinition<Value, Filters>;
  readonly outbox: SqlOutbox;
  readonly keys: IdempotencyKeys;
  /** Null for records that remember by themselves who was told of them. */
  readonly told: ToldChannels | null;
  /** Returns the current dependencies for making events. */
  readonly announcing: () => AnnounceDeps;
  /** True if a user was deleted lately. */
  readonly isGone: (userId: string) => boolean;
}

/** Reads and writes the records of one table, each write in one transaction with its effects. */
export class RecordKeeper<Value extends Stored, Filters> {
  readonly #parts: KeeperParts<Value, Filters>;
  readonly #table: RecordTable<Value, Filters>;

  constructor(parts: KeeperParts<Value, Filters>) {
    this.#parts = parts;
    this.#table = new RecordTable(parts.storage.sql, parts.definition, parts.outbox.lastSeq);
  }

  read(id: string): string | null {
    return this.#table.read(id);
  }

  /** The record with its kind, or null. */
  find(id: string): StoredRecord | null {
    const row = this.#table.find(id);
    return row && this.#parts.definition.tag(row.value);
  }

  page(query: PageQuery<Filters>): RecordPage {
    return this.#table.page(query);
  }

  missing(ids: readonly string[]): string[] {
    return this.#table.missing(ids);
  }

  /** A number for a row that is listed among these, of a table beside this one. */
  nextSeq(now: number): number {
    return this.#table.nextSeq(now);
  }

  /** Commits a new record, unless the same request did so before, or its id or e-mail is taken. */
  create({ record, effects, kept }: Creation): CreationResult {
    const { id } = record.value;
    const { keys } = this.#parts;
    // The caller chose the table by the record's kind; the type is lost across RPC.
    const value = record.value as unknown as Value;
    const write = (now: number): CreationResult => {
      // The item of a batch that is run again after its record was deleted must not create it a second time.
      const repeated = () =>
        this.#table.deletedBy(id) === null ? this.#known(id) : (this.#known(id) ?? AS_GIVEN);
      const gone = this.#refuseGone(record.value);
      if (gone !== null) return repeated() ?? gone;
      const seq = this.#table.nextSeq(now);
      if (!this.#table.insert(value, seq)) return repeated() ?? EMAIL_TAKEN;
      if (kept !== null) keys.finish(kept.key, kept.reply, id);
      this.#parts.outbox.addCreation(seq, effects, now);
      this.#parts.told?.note(effects);
      return AS_GIVEN;
    };
    // A single statement is atomic by itself.
    const isAlone = kept === null && effects.length === 0;
    return isAlone ? write(Date.now()) : this.#transaction(write);
  }

  /** Changes a record, unless nothing differs or the same request has changed it before. */
  update(id: string, change: RecordChange, condition: WriteCondition): WriteResult {
    return this.#transaction((now) => {
      const row = this.#table.find(id);
      if (row === null) return NOT_FOUND;
      const same = { status: "written", record: JSON.stringify(row.value) } as const;
      if (row.changedBy === condition.requestId) return same;
      const refusal = refusalOf(row.value, condition);
      if (refusal !== null) return refusal;
      const decision = decideChange(
        this.#parts.definition.tag(row.value),
        change,
        this.#announcing(condition),
      );
      if (decision === "unchanged") return same;
      if ("status" in decision) return decision;
      const gone = change.kind === "task" ? this.#refuseGone(change.change) : null;
      if (gone !== null) return gone;
      // A change keeps the kind of its record.
      const value = decision.record.value as unknown as Value;
      if (!this.#table.replace(value, condition.requestId)) return EMAIL_TAKEN;
      this.#add(id, decision.effects, now);
      return { status: "written", record: JSON.stringify(value) };
    });
  }

  /** Deletes a record and the replies that contain it, unless the same request has deleted it before. */
  remove(id: string, condition: WriteCondition): WriteResult {
    return this.#transaction((now) => {
      const row = this.#table.find(id);
      if (row === null) {
        const isRepeat = this.#table.deletedBy(id) === condition.requestId;
        return isRepeat ? { status: "written", record: "null" } : NOT_FOUND;
      }
      const refusal = refusalOf(row.value, condition);
      if (refusal !== null) return refusal;
      const effects = decideDeletion(
        this.#parts.definition.tag(row.value),
        this.#announcing(condition),
      );
      this.#table.delete(id, condition.requestId, now);
      this.#parts.keys.erase(id);
      this.#add(id, effects, now);
      return { status: "written", record: JSON.stringify(row.value) };
    });
  }

  /** Replaces a record without a new version, since the shown fields are the same, and adds effects. */
  rewrite({ value }: StoredRecord, effects: readonly Effect[]): void {
    this.#transaction((now) => {
      const row = this.#table.find(value.id);
      // Found in this table, so of its kind.
      this.#table.replace(value as unknown as Value, row?.changedBy ?? null);
      this.#parts.outbox.addEffects(effects, now);
      this.#parts.told?.note(effects);
    });
  }

  /** Stores records unchanged, and publishes them. */
  importRecords(
    given: readonly { readonly value: unknown; readonly importedBy: string }[],
  ): ImportOutcome[] {
    return this.#transaction((now) => given.map((one) => this.#storeAsGiven(one, now)));
  }

  /** Stores those records of KV unchanged that are missing. They need not be published. */
  fill(values: readonly unknown[]): void {
    const { outbox } = this.#parts;
    this.#transaction((now) => {
      outbox.holdNew(now);
      for (const value of values) this.#storeAsGiven({ value, importedBy: null }, now);
      outbox.passNew();
    });
  }

  /** Adopts a record from version 0.1 if it is newer than the stored one; null means that it was deleted. */
  adopt(id: string, given: unknown): Adoption {
    return this.#transaction((now) => {
      const { definition, outbox } = this.#parts;
      if (given === null) {
        this.#table.delete(id, "adopted", now);
        outbox.add(id, [], now);
        return "adopted";
      }
      const value = definition.adopt(given, now);
      if (value === null) return "invalid";
      const known = this.#table.find(id)?.value;
      if (known === undefined && this.#table.deletedBy(id) !== null) return "adopted";
      const effects = decideAdoption(definition.tag(value));
      if (known === undefined || known.version < value.version) {
        const seq = known === undefined ? this.#table.nextSeq(now) : null;
        if (!this.#put(value, seq)) return "taken";
        if (seq === null) outbox.add(id, effects, now);
        else outbox.addCreation(seq, effects, now);
      } else if (known.version === value.version) outbox.addEffects(effects, now);
      return "adopted";
    });
  }

  /** @param seq null for a record that is there */
  #put(value: Value, seq: number | null): boolean {
    return seq === null ? this.#table.replace(value, null) : this.#table.insert(value, seq);
  }

  /** Stores a record as it is given; `importedBy` is null for one of KV, which must not bring back what is deleted. */
  #storeAsGiven(
    { value: written, importedBy }: { readonly value: unknown; readonly importedBy: string | null },
    now: number,
  ): ImportOutcome {
    const { definition, outbox } = this.#parts;
    const value = definition.adopt(written, now);
    if (value === null) return "invalid";
    const { id } = value;
    const isInKv = importedBy === null;
    const known = this.#table.find(id);
    if (known !== null) return !isInKv && known.changedBy === importedBy ? "imported" : "exists";
    if (isInKv && (this.#table.deletedBy(id) !== null || outbox.isBehind(id))) return "exists";
    const seq = this.#table.nextSeq(now);
    if (!this.#table.insert(value, seq, { mayReturn: true, changedBy: importedBy })) return "taken";
    outbox.addCreation(seq, [], now);
    // Its deletion is not published yet: what is being written to KV is not all any more.
    if (outbox.isBehind(id)) outbox.add(id, [], now);
    return "imported";
  }

  #announcing({ origin = null }: WriteCondition): AnnounceDeps {
    const { announcing, told } = this.#parts;
    return { ...announcing(), origin, toldBefore: told?.names ?? [] };
  }

  /** Adds the effects of a commit. Last in its transaction: nothing after it can roll back what it notes. */
  #add(id: string, effects: readonly Effect[], now: number): void {
    this.#parts.outbox.add(id, effects, now);
    this.#parts.told?.note(effects);
  }

  /** The outcome of an earlier run of the same creation, or null if there was none. */
  #known(id: string): WriteResult | null {
    const record = this.#table.read(id);
    return record === null ? null : { status: "written", record };
  }

  #refuseGone(task: object): Refusal | null {
    const assignee: unknown = Reflect.get(task, "assignee_id");
    if (typeof assignee !== "string" || !this.#parts.isGone(assignee)) return null;
    return refused("invalid-body", "1 fault in the body; see errors.", [
      { pointer: "#/assignee_id", detail: NO_SUCH_USER },
    ]);
  }

  #transaction<T>(run: (now: number) => T): T {
    const now = Date.now();
    return this.#parts.storage.transactionSync(() => run(now));
  }
}

/** The refusal of a write whose conditions do not hold, or null. */
export function refusalOf(
  { version }: Pick<Stored, "version">,
  condition: WriteCondition,
): Refusal | null {
  const { versions, exceptVersions = [] } = condition;
  if (versions !== null && !versions.includes(version)) return CHANGED_SINCE;
  return exceptVersions === null || exceptVersions.includes(version) ? IS_THERE : null;
}

const AS_GIVEN: CreationResult = { status: "written", record: null };
const NOT_FOUND = refused("not-found", "There is nothing under this id.");
const EMAIL_TAKEN = refused("email-taken", "A user with this e-mail exists.");
const CHANGED_SINCE = refused(
  "precondition-failed",
  "The resource has changed since; read it again.",
);
const IS_THERE = refused("precondition-failed", "If-None-Match names what is there.");

/** A keeper of records of any kind. */
export type Keeper = Pick<RecordKeeper<never, never>, keyof RecordKeeper<never, never>>;
