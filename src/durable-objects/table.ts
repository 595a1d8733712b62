// One object per kind of record: rows, unique indexes, Idempotency-Keys, and what follows from each change,
// all in one transaction. One alarm carries out what follows until it is done: a transactional outbox.
import { DurableObject } from "cloudflare:workers";
import type { CreationIds, KeptReply, Turn } from "../domain/idempotency";
import { carryOut } from "../domain/records/outbox";
import { OutboxDrain } from "../domain/records/outbox-drain";
import type { PageQuery, RecordPage } from "../domain/records/queries";
import type { Effect, RecordChange } from "../domain/records/record";
import type {
  Creation,
  ImportOutcome,
  RecordTable,
  WriteCondition,
  WriteResult,
} from "../domain/records/table";
import { NotFilledError } from "./filler";
import type { Keeper } from "./record-keeper";
import { createTableParts, type TableParts } from "./table-parts";

/** Operations on KV and objects of one invocation, which may have a thousand. */
const MAX_OPERATIONS = 400;
/** A copy in KV that cannot be read is tried again after so long, or with the next request. */
const FILL_RETRY_MS = 60_000;
/** Keys that one alarm forgets. */
const SWEPT_AT_ONCE = 1000;

export class Table extends DurableObject<Env> implements RecordTable<never> {
  readonly #parts: TableParts;
  readonly #drain: OutboxDrain;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = createTableParts(ctx, env);
    const { outbox, carriers, filler, nextDueAt } = this.#parts;
    this.#drain = new OutboxDrain({
      alarm: {
        set: (at) => ctx.storage.setAlarm(at),
        clear: () => ctx.storage.deleteAlarm(),
      },
      now: Date.now,
      carryOut: () => carryOut(outbox, carriers, Date.now, MAX_OPERATIONS),
      nextDueAt: (now) => (filler.isDone ? nextDueAt(now) : now + FILL_RETRY_MS),
      pausedUntil: () => outbox.pause.until,
    });
    void ctx.blockConcurrencyWhile(async () => {
      this.#drain.resume(await ctx.storage.getAlarm());
    });
  }

  async begin(key: string, fingerprint: string, fresh: CreationIds): Promise<Turn> {
    return this.#write(({ keys }) => keys.begin(key, fingerprint, fresh, Date.now()));
  }

  async finish(key: string, reply: KeptReply): Promise<void> {
    return this.#write(({ keys }) => keys.finish(key, reply, null));
  }

  async release(key: string): Promise<void> {
    return this.#write(({ keys }) => keys.release(key));
  }

  async forget(key: string): Promise<void> {
    return this.#write(({ keys }) => keys.forget(key));
  }

  async create(creation: Creation): Promise<WriteResult> {
    return this.#write((parts) => keeperOf(parts).create(creation));
  }

  async update(id: string, change: RecordChange, condition: WriteCondition): Promise<WriteResult> {
    return this.#write((parts) => keeperOf(parts).update(id, change, condition));
  }

  async remove(id: string, condition: WriteCondition): Promise<WriteResult> {
    return this.#write((parts) => keeperOf(parts).remove(id, condition));
  }

  async read(id: string): Promise<string | null> {
    return this.#read((parts) => keeperOf(parts).read(id));
  }

  async untold(id: string): Promise<readonly Effect[]> {
    return this.#read(({ outbox }) => outbox.toldOf(id));
  }

  async page(query: PageQuery<never>): Promise<RecordPage> {
    return this.#read((parts) => keeperOf(parts).page(query));
  }

  async missing(ids: readonly string[]): Promise<readonly string[]> {
    return this.#read((parts) => keeperOf(parts).missing(ids));
  }

  async importRecords(records: readonly string[]): Promise<readonly ImportOutcome[]> {
    const values = records.map((json): unknown => JSON.parse(json));
    return this.#write((parts) => keeperOf(parts).importRecords(values, false));
  }

  async unassign(userId: string): Promise<boolean> {
    return this.#write(({ unassign }) => unassign(userId));
  }

  async adopt(id: string, record: unknown): Promise<void> {
    return this.#write((parts) => keeperOf(parts).adopt(id, record));
  }

  async refill(): Promise<void> {
    this.#parts.filler.restart();
    await this.#fill();
  }

  // What fails is repeated later by its own rules. A throw means that not even that could be kept: then
  // the platform repeats the alarm, and after an outage longer than that, whoever comes next sets it.
  override async alarm(): Promise<void> {
    const { filler, keys, runDuties } = this.#parts;
    await this.#drain.ring(async () => {
      if (!filler.isDone) await filler.fill(MAX_OPERATIONS).catch(logError);
      runDuties();
      keys.sweep(Date.now(), SWEPT_AT_ONCE);
    });
  }

  /** Reads what is there, once the table is filled. */
  async #read<T>(read: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = read(this.#parts);
    void this.#drain.ensureAlarm().catch(logError);
    return result;
  }

  /** Writes, sets the alarm that guarantees what follows, and begins to carry it out. */
  async #write<T>(write: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = write(this.#parts);
    this.ctx.waitUntil(this.#drain.committed().catch(logError));
    return result;
  }

  /** @throws NotFilledError while the copy in KV cannot be read whole */
  async #fill(): Promise<void> {
    const { filler } = this.#parts;
    await filler.fill(MAX_OPERATIONS);
    if (filler.isDone) return;
    await this.#drain.wakeBy(Date.now());
    throw new NotFilledError("The table is being filled");
  }
}

function keeperOf({ keeper }: TableParts): Keeper {
  if (keeper === null) throw new TypeError("This table keeps no records");
  return keeper;
}

function logError(error: unknown): void {
  console.error(JSON.stringify({ level: "error", event: "table", error: String(error) }));
}
