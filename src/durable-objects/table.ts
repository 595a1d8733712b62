// A table, one object per kind of record: rows, unique indexes, Idempotency-Keys and effects, all written in
// one transaction. One alarm carries out the effects until they are done (a transactional outbox).
import { DurableObject } from "cloudflare:workers";
import type { Steered } from "../domain/batches/job-record";
import type { KeptBatch, KeptBatches } from "../domain/batches/kept-batch";
import type { BatchEntry, BatchRegister } from "../domain/batches/register";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import type { Budgets, CallerTable, Spending, Uses } from "../domain/callers/budgets";
import type { Admission } from "../domain/calls/quota";
import type { CreationIds, KeptReply, Memory, Turn } from "../domain/idempotency";
import type { Asker } from "../domain/records/confirmation";
import { carryOut } from "../domain/records/outbox";
import { OutboxDrain } from "../domain/records/outbox-drain";
import type { PageQuery, RecordPage } from "../domain/records/queries";
import type { LinkKeys } from "../domain/links/link-keys";
import type { Effect, RecordChange } from "../domain/records/record";
import type {
  Adoption,
  AskedBy,
  Confirmation,
  Creation,
  ImportedRecord,
  CreationResult,
  ImportOutcome,
  RecordTable,
  SignUpRequest,
  UserTable,
  TableStanding,
  WriteCondition,
  WriteResult,
} from "../domain/records/table";
import { invocationBudget } from "./invocation-budget";
import type { TokenAnswer } from "../runtime/upstream-gates";
import { keeperOf, recordsOf, registerOf, signUpsOf, upstreamOf } from "./parts-of";
import { createTableParts, type TableParts } from "./table-parts";

type RegisterMethods = Omit<BatchRegister, "page"> & KeptBatches;
type SignUpMethods = Omit<UserTable, keyof RecordTable<never>>;

/** Expired Idempotency-Keys that one alarm deletes. */
const SWEPT_AT_ONCE = 1000;

/** The Durable Object of a table. Its name decides which one: `users`, `tasks`, `batches`, `callers`, or `upstream:` and a name. */
export class Table
  extends DurableObject<Env>
  implements RecordTable<never>, SignUpMethods, RegisterMethods, CallerTable
{
  readonly #parts: TableParts;
  readonly #drain: OutboxDrain;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = createTableParts(ctx, env);
    const { outbox, carriers, nextDueAt } = this.#parts;
    this.#drain = new OutboxDrain({
      alarm: { set: (at) => ctx.storage.setAlarm(at) },
      now: Date.now,
      carryOut: () => carryOut(outbox, carriers, Date.now, invocationBudget(env)),
      nextDueAt,
      pausedUntil: () => outbox.pause.until,
    });
    void ctx.blockConcurrencyWhile(async () => {
      this.#drain.resume(await ctx.storage.getAlarm());
    });
  }

  async peek(
    key: string,
    fingerprint: string,
    fresh: CreationIds,
    memory: Memory = "day",
  ): Promise<Turn> {
    return this.#read(({ keys }) => keys.peek(key, { fingerprint, fresh, memory }, Date.now()));
  }

  async look(key: string): Promise<CreationIds | "settled" | null> {
    return this.#read(({ keys }) => keys.look(key, Date.now()));
  }

  async begin(
    key: string,
    fingerprint: string,
    fresh: CreationIds,
    memory: Memory = "day",
  ): Promise<Turn> {
    // Sets no alarm to delete the key: without a reply it holds nothing of anybody, and goes with a later sweep.
    const { filler, keys } = this.#parts;
    if (!filler.isOpen) await this.#fill();
    return keys.begin(key, { fingerprint, fresh, memory }, Date.now());
  }

  async finish(key: string, reply: KeptReply, recordId: string | null): Promise<void> {
    return this.#keep(({ keys }) => keys.finish(key, reply, recordId));
  }

  async release(key: string): Promise<void> {
    return this.#keep(({ keys }) => keys.release(key));
  }

  async forget(key: string): Promise<void> {
    return this.#keep(({ keys }) => keys.forget(key));
  }

  async create(creation: Creation): Promise<CreationResult> {
    return this.#write((parts) => keeperOf(parts).create(creation));
  }

  async update(id: string, change: RecordChange, condition: WriteCondition): Promise<WriteResult> {
    return this.#write((parts) => recordsOf(parts).update(id, change, condition));
  }

  async remove(id: string, condition: WriteCondition): Promise<WriteResult> {
    return this.#write((parts) => recordsOf(parts).remove(id, condition));
  }

  async read(id: string): Promise<string | null> {
    return this.#read((parts) => recordsOf(parts).read(id));
  }

  async untold(id: string): Promise<readonly Effect[]> {
    return this.#read(({ outbox }) => outbox.untoldOf(id));
  }

  async standing(): Promise<TableStanding> {
    return this.#read(({ outbox }) => ({ publishingPausedUntil: outbox.pause.until }));
  }

  async page(query: PageQuery<never>): Promise<RecordPage> {
    return this.#read(
      (parts) => parts.register?.page(query, Date.now()) ?? keeperOf(parts).page(query),
    );
  }

  async report(entry: BatchEntry): Promise<void> {
    registerOf(this.#parts).report(entry, Date.now());
    // Without this alarm nobody looks after the job, should its own be lost.
    await this.#drain.wakeBy(this.#parts.nextExpiry());
  }

  async keep(entry: BatchEntry, batch: string): ReturnType<KeptBatches["keep"]> {
    const kept = registerOf(this.#parts).keep(entry, batch, Date.now());
    await this.#drain.wakeBy(this.#parts.nextExpiry());
    return kept;
  }

  async readKept(id: string, query: ResultsQuery | null): Promise<StoredPage | null> {
    return this.#read((parts) => registerOf(parts).kept.page(id, query, Date.now()));
  }

  async removeKept(ids: readonly string[], by: Steered) {
    return this.#keep((parts) =>
      ids.map((id) => {
        const removed = registerOf(parts).removeKept(id, by, Date.now());
        if (removed === true) parts.keys.erase(id);
        return removed;
      }),
    );
  }

  async handOver(id: string, isWanted: boolean): Promise<KeptBatch | null> {
    return this.#keep((parts) => registerOf(parts).kept.handOver(id, isWanted, Date.now()));
  }

  async watch(ids: readonly string[]): Promise<void> {
    return this.#keep((parts) => ids.forEach((id) => registerOf(parts).watch(id)));
  }

  async unlist(ids: readonly string[], requestId: string): Promise<number> {
    return this.#keep((parts) => {
      const listed = ids.filter((id) => registerOf(parts).remove(id, requestId, Date.now()));
      for (const id of ids) parts.keys.erase(id);
      return listed.length;
    });
  }

  async missing(ids: readonly string[]): Promise<readonly string[]> {
    return this.#read((parts) => keeperOf(parts).missing(ids));
  }

  async importRecords(records: readonly ImportedRecord[]): Promise<readonly ImportOutcome[]> {
    const given = records.map((one) => ({ ...one, value: JSON.parse(one.json) as unknown }));
    return this.#write((parts) => keeperOf(parts).importRecords(given));
  }

  async unassign(userId: string): Promise<boolean> {
    return this.#write(({ unassign }) => unassign(userId));
  }

  async adopt(id: string, record: unknown): Promise<Adoption> {
    return this.#write((parts) => keeperOf(parts).adopt(id, record));
  }

  async requestSignUp(request: SignUpRequest): Promise<void> {
    const caller = await this.callerKey(request.asker);
    return this.#write((parts) => signUpsOf(parts).request(request, caller));
  }

  async confirm(id: string, origin: string): Promise<Confirmation> {
    return this.#write((parts) => signUpsOf(parts).confirm(id, origin));
  }

  async askAgain(id: string, asked: AskedBy): Promise<void> {
    const caller = await this.callerKey(asked.asker);
    return this.#write((parts) => signUpsOf(parts).askAgain(id, asked, caller));
  }

  async unsubscribe(id: string): Promise<void> {
    return this.#write((parts) => signUpsOf(parts).unsubscribe(id));
  }

  async linkKeys(): Promise<LinkKeys> {
    return this.#read((parts) => signUpsOf(parts).linkKeys());
  }

  async callerKey(asker: Asker): Promise<string> {
    return this.#read((parts) => signUpsOf(parts).keyOf(asker));
  }

  async spend(caller: string, uses: Uses, budgets: Budgets, id: string): Promise<Spending> {
    const { callers } = this.#parts;
    if (callers === null) throw new TypeError("This table keeps no budgets");
    const spending = await callers.spend(caller, uses, { budgets, id, now: Date.now() });
    // Nothing follows from it but the end of the day.
    void this.#drain.wakeBy(callers.endsAt()).catch(logError);
    return spending;
  }

  async admit(address: string | null, withinMs: number): Promise<Admission> {
    const now = Date.now();
    const admission = await upstreamOf(this.#parts).admit(address, withinMs, now);
    // Nothing follows from it but the end of the day.
    void this.#drain.wakeBy(this.#parts.nextDueAt(now)).catch(logError);
    return admission;
  }

  async accessToken(refused: string | null): Promise<TokenAnswer> {
    return upstreamOf(this.#parts).accessToken(refused, Date.now());
  }

  async refill(): Promise<void> {
    const { filler } = this.#parts;
    // A repeated request joins the filling in progress.
    if (filler.isDone) filler.restart();
    await this.#fill();
  }

  // Failing effects are rescheduled by the outbox itself. A throw here means that not even that could be
  // stored: the platform repeats the alarm, and after a longer outage the next read sets it again.
  override alarm(): Promise<void> {
    return this.#drain.ring(async () => {
      const { filler, keys, outbox, runDuties } = this.#parts;
      if (!filler.isDone) await this.#fill().catch(logError);
      await runDuties();
      keys.sweep(Date.now(), SWEPT_AT_ONCE);
      outbox.note();
    });
  }

  /** Reads, once the table is filled. */
  async #read<T>(read: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = read(this.#parts);
    void this.#drain.ensureAlarm().catch(logError);
    return result;
  }

  /** Writes what has no effects: the alarm only deletes it when it expires. */
  async #keep<T>(write: (parts: TableParts) => T): Promise<T> {
    const { filler, nextExpiry } = this.#parts;
    if (!filler.isOpen) await this.#fill();
    const result = write(this.#parts);
    void this.#drain.wakeBy(nextExpiry()).catch(logError);
    return result;
  }

  /** Writes a record with its effects, sets the alarm that guarantees them, and starts to carry them out. */
  async #write<T>(write: (parts: TableParts) => T): Promise<T> {
    if (!this.#parts.filler.isOpen) await this.#fill();
    const result = write(this.#parts);
    // `waitUntil` has no effect in objects, which stay while anything is under way, but would cost as much as SQL.
    void this.#drain.committed().catch(logError);
    return result;
  }

  /** @throws NotFilledError while KV cannot be read; the alarm continues the filling */
  async #fill(): Promise<void> {
    const { filler } = this.#parts;
    try {
      await filler.fill(invocationBudget(this.env).operations);
    } finally {
      if (!filler.isDone) await this.#drain.wakeBy(filler.nextDueAt(Date.now()));
    }
  }
}

function logError(error: unknown): void {
  console.error(JSON.stringify({ level: "error", event: "table", error: String(error) }));
}
