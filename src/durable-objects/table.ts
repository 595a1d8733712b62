// One object per kind of record: rows, unique indexes, Idempotency-Keys, and what follows from each change,
// all in one transaction. One alarm carries out what follows until it is done: a transactional outbox.
// Rows are the truth, alarms are hints: whoever finds work without an alarm sets one.
import { DurableObject } from "cloudflare:workers";
import type { CreationIds, KeptReply, Turn } from "../domain/idempotency";
import { carryOut } from "../domain/records/outbox";
import type { PageQuery, RecordPage } from "../domain/records/queries";
import type { RecordChange } from "../domain/records/record";
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

/** By then a commit is looked at again, whatever became of the request that made it. */
const GUARD_MS = 10_000;
/** An alarm that is so late was given up by the platform, which repeats it for two minutes at most. */
const LOST_MS = 5 * 60_000;
/** A copy in KV that cannot be read is tried again after so long, or with the next request. */
const FILL_RETRY_MS = 60_000;
/** Operations on KV and objects of one invocation, which may have a thousand. */
const MAX_OPERATIONS = 400;
/** Keys that one alarm forgets. */
const SWEPT_AT_ONCE = 1000;

export class Table extends DurableObject<Env> implements RecordTable<never> {
  readonly #parts: TableParts;
  /** When the alarm rings; Infinity for never, null where that is not known. */
  #alarmAt: number | null = null;
  #draining: Promise<void> | null = null;
  #hasNews = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = createTableParts(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
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
    this.#alarmAt = Infinity;
    try {
      await this.#doWhatIsDue();
    } catch (error) {
      this.#alarmAt = null;
      throw error;
    }
  }

  async #doWhatIsDue(): Promise<void> {
    const { filler, keys, runDuties } = this.#parts;
    if (!filler.isDone) await this.#fill().catch(logError);
    runDuties();
    keys.sweep(Date.now(), SWEPT_AT_ONCE);
    await this.#drain();
    await this.#arm();
  }

  /** Reads what is there, once the table is filled. */
  async #read<T>(read: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = read(this.#parts);
    // After an outage that outlasted the platform's own retries of an alarm.
    if (this.#isAlarmLost) void this.#arm().catch(logError);
    return result;
  }

  /** Writes, sets the alarm that guarantees what follows, and begins to carry it out. */
  async #write<T>(write: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = write(this.#parts);
    // Without an await since the write, the two are one transaction.
    void this.#wakeBy(this.#guardAt(Date.now())).catch(logError);
    this.#hasNews = true;
    this.ctx.waitUntil(this.#drain().catch(logError));
    return result;
  }

  /** @throws NotFilledError while the copy in KV cannot be read whole */
  async #fill(): Promise<void> {
    const { filler } = this.#parts;
    await filler.fill(MAX_OPERATIONS);
    if (filler.isDone) return;
    await this.#wakeBy(Date.now());
    throw new NotFilledError("The table is being filled");
  }

  /** When a commit of now is looked at again. */
  #guardAt(now: number): number {
    const { outbox, nextDueAt } = this.#parts;
    const guard = now + GUARD_MS;
    // While nothing is published, what is due next is known without a look through all that waits: and
    // an alarm for each commit would find nothing to do.
    return outbox.pause.until > guard ? Math.max(nextDueAt(now), guard) : guard;
  }

  /** Carries out what is due. One at a time, for all that committed meanwhile. */
  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll();
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    const { outbox, carriers } = this.#parts;
    try {
      let left = MAX_OPERATIONS;
      do {
        this.#hasNews = false;
        left = await carryOut(outbox, carriers, Date.now, left);
      } while (left > 0 && this.#hasNews);
    } finally {
      this.#draining = null;
    }
    await this.#arm();
  }

  /** Sets the alarm for what is next, however far it is. */
  async #arm(): Promise<void> {
    const now = Date.now();
    if (!this.#parts.filler.isDone) return this.#wakeBy(now + FILL_RETRY_MS);
    const next = Math.max(this.#parts.nextDueAt(now), now);
    return next === this.#alarmAt ? undefined : this.#setAlarm(next);
  }

  async #wakeBy(at: number): Promise<void> {
    const isSet = this.#alarmAt !== null && this.#alarmAt <= at && !this.#isAlarmLost;
    return isSet ? undefined : this.#setAlarm(at);
  }

  get #isAlarmLost(): boolean {
    return this.#alarmAt === null || this.#alarmAt < Date.now() - LOST_MS;
  }

  /** @throws whatever the platform refuses it with: then whoever comes next tries again */
  async #setAlarm(at: number): Promise<void> {
    const { storage } = this.ctx;
    this.#alarmAt = at;
    try {
      await (at === Infinity ? storage.deleteAlarm() : storage.setAlarm(at));
    } catch (error) {
      this.#alarmAt = null;
      throw error;
    }
  }
}

function keeperOf({ keeper }: TableParts): Keeper {
  if (keeper === null) throw new TypeError("This table keeps no records");
  return keeper;
}

function logError(error: unknown): void {
  console.error(JSON.stringify({ level: "error", event: "table", error: String(error) }));
}
