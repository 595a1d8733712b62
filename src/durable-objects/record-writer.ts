// One object per record, its only writer: what is decided here is decided once. It commits a change
// together with the effects that follow from it, then carries those out until they are done: a
// transactional outbox. A user's writer is named after the canonical e-mail, so that two sign-ups
// with one e-mail meet here and uniqueness needs no lock.
import { DurableObject } from "cloudflare:workers";
import { v7 } from "uuid";
import { announce, type Happening } from "../domain/records/announce";
import type { EmailCheck } from "../domain/email/check-email";
import type { Delivery, DomainEvent } from "../domain/notifications/notifications";
import { refused } from "../domain/errors";
import { effectsOfChanging, effectsOfCreating, publish } from "../domain/records/record-effects";
import {
  applyChange,
  EMPTY_STATE,
  judgeArrival,
  nextDue,
  nextWakeUp,
  postponeEffect,
  publishesOf,
  withArrival,
  withEffects,
  withoutEffects,
  withoutRecord,
  type Effect,
  type PendingEffect,
  type RecordChange,
  type StoredRecord,
  type WriteResult,
  type WriterState,
} from "../domain/records/records";
import { emailOf } from "../domain/records/users";
import { recheckEmail } from "../domain/email/check-sign-up-email";
import { createEmailChecker } from "../runtime/email-checker";
import { readConfig } from "../env";
import { Mutex } from "../lib/mutex";
import { recordWriter, userWriterName } from "../runtime/record-writers";
import { startNotification } from "../runtime/jobs";
import { tasksIn } from "../storage/tasks";
import { usersIn } from "../storage/users";

/** A write waits this long for KV to have it, so that its author can read it back. */
const MAX_PUBLISH_WAIT_MS = 2000;
/** DNS is not asked for ever: with the delays between them, these take about ten hours. */
const MAX_RECHECKS = 8;

export class RecordWriter extends DurableObject<Env> {
  #state: WriterState;
  /** Commits that read, await and write take turns. Only `create` waits for none: see there. */
  readonly #turns = new Mutex();
  #carrying: Promise<void> | null = null;
  #publishing: Promise<void> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#state = ctx.storage.kv.get<WriterState>("state") ?? EMPTY_STATE;
  }

  /** Whether a record with another id is here, for an early answer. Only `create` decides. */
  isTaken(id: string): boolean {
    return this.#state.record !== null && this.#state.record.value.id !== id;
  }

  /**
   * Keeps a new record, unless another one is here. The same id again is the same request again.
   * It reads and commits without an await in between and waits for no turn: two writers that move
   * their records to each other would wait for ever.
   */
  async create(arriving: StoredRecord, named: readonly string[] = []): Promise<WriteResult> {
    const arrival = judgeArrival(this.#state, arriving);
    if (arrival === "taken") return refused("email-taken", "A user with this e-mail exists.");
    const { record: kept } = this.#state;
    // A record that moves here was created elsewhere, and that was told.
    const { record, effects } =
      arriving.value.version === 1
        ? this.#announce(arriving, "created", named)
        : { record: arriving, effects: [] };
    if (arrival === "new") {
      await this.#commit(withArrival(this.#state, record), [
        ...effectsOfCreating(record),
        ...effects,
      ]);
    }
    await this.#settle();
    const isKept = arrival === "known" && kept?.value.id === record.value.id;
    return { status: "written", record: isKept ? kept : record };
  }

  /** Changes the record if it has one of these versions (null: any). */
  async update(
    id: string,
    change: RecordChange,
    versions: readonly number[] | null,
  ): Promise<WriteResult> {
    const result = await this.#turns.run(() => this.#commitUpdate(id, change, versions));
    await this.#settle();
    return result;
  }

  /** Lets go of the record, and with it of the e-mail. */
  async remove(id: string, versions: readonly number[] | null): Promise<WriteResult> {
    const result = await this.#turns.run(async () => {
      const found = await this.#find(id, versions);
      if ("status" in found) return found;
      const { effects } = this.#announce(found, "deleted");
      await this.#commit(withoutRecord(this.#state, null, Date.now()), [
        publish(found),
        ...effects,
      ]);
      return { status: "written" as const, record: found };
    });
    await this.#settle();
    return result;
  }

  /** Rows are the truth, alarms are hints: whatever is due is done, and what fails is done later. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const forwards = this.#state.forwards.filter(({ until }) => until > now);
    if (forwards.length < this.#state.forwards.length)
      await this.#commit({ ...this.#state, forwards }, []);
    await this.#carryOut();
    // An alarm for what was postponed, or for what a commit left while this one ran.
    await this.#save(this.#state);
  }

  /** The record with this id and one of these versions, or why not. */
  async #find(id: string, versions: readonly number[] | null): Promise<StoredRecord | WriteResult> {
    await this.#finishMove();
    const { record, forwards } = this.#state;
    if (record === null || record.value.id !== id) {
      const forward = forwards.find((entry) => entry.id === id);
      return typeof forward?.to === "string"
        ? { status: "moved", to: forward.to }
        : refused("not-found", "There is nothing under this id.");
    }
    if (versions !== null && !versions.includes(record.value.version)) {
      return refused("precondition-failed", "The resource has changed since; read it again.");
    }
    return record;
  }

  async #commitUpdate(
    id: string,
    change: RecordChange,
    versions: readonly number[] | null,
  ): Promise<WriteResult> {
    const found = await this.#find(id, versions);
    if ("status" in found) return found;
    const changed = applyChange(found, change, Date.now());
    if ("status" in changed) return changed;
    const { record, effects } = this.#announce(changed, "updated");
    const canonical = canonicalOf(record);
    if (canonical === null || canonical === canonicalOf(found)) {
      await this.#commit({ ...this.#state, record }, [
        ...effectsOfChanging(record, change),
        ...effects,
      ]);
      return { status: "written", record };
    }
    const to = await userWriterName(canonical);
    await this.#commit(this.#state, [{ kind: "move", id, to, record }]);
    return (await this.#finishMove()) ?? { status: "written", record };
  }

  /** Claims the new e-mail, then frees the old one. Between the two both are held. Repeatable. */
  async #finishMove(): Promise<WriteResult | null> {
    const pending = this.#state.effects.find(({ effect }) => effect.kind === "move");
    if (pending?.effect.kind !== "move") return null;
    const { id, to, record } = pending.effect;
    // Our last write to KV must not land after the first one of the new writer.
    await this.#publishing;
    const claimed = await recordWriter(this.env, to).create(record);
    const { effects } = this.#state;
    // The record may have come back meanwhile, in a newer version: then it is not ours to free.
    if (!effects.some(({ key }) => key === pending.key)) return claimed;
    const isClaimed = claimed.status === "written";
    const done = [pending.key, ...(isClaimed ? publishesOf(this.#state, id) : [])];
    const state = withoutEffects(this.#state, done);
    await this.#commit(isClaimed ? withoutRecord(state, to, Date.now()) : state, []);
    return claimed;
  }

  /** One atomic write: the state and the alarm that guarantees its effects. */
  async #commit(state: WriterState, effects: readonly Effect[]): Promise<void> {
    await this.#save(withEffects(state, effects, Date.now()));
  }

  async #save(state: WriterState): Promise<void> {
    const wakeUp = nextWakeUp(state);
    const isEmpty = state.record === null && wakeUp === null;
    // What storage refuses, such as more than 2 MB, must not count in memory either.
    if (!isEmpty) this.ctx.storage.kv.put("state", state);
    this.#state = state;
    if (isEmpty) return this.ctx.storage.deleteAll();
    // Without an await since the put, the two are one transaction.
    return wakeUp === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(wakeUp);
  }

  /** Carries out what is due, but keeps the caller no longer than it may take. */
  async #settle(): Promise<void> {
    const done = this.#carryOut();
    this.ctx.waitUntil(done);
    const timer = new AbortController();
    const waited = scheduler.wait(MAX_PUBLISH_WAIT_MS, { signal: timer.signal });
    // A timer that is left running keeps the object in memory, which is billed.
    await Promise.race([done, waited]).finally(() => timer.abort());
  }

  async #carryOut(): Promise<void> {
    do {
      this.#carrying ??= this.#carryOutDue().finally(() => {
        this.#carrying = null;
      });
      await this.#carrying;
    } while (this.#nextDue() !== undefined);
  }

  async #carryOutDue(): Promise<void> {
    for (let pending = this.#nextDue(); pending !== undefined; pending = this.#nextDue()) {
      const { key } = pending;
      try {
        const done = await this.#perform(pending);
        await this.#commit(withoutEffects(this.#state, done), []);
      } catch (error) {
        console.error(
          JSON.stringify({ level: "error", effect: pending.effect.kind, error: String(error) }),
        );
        await this.#commit(postponeEffect(this.#state, key, Date.now()), []);
      }
    }
  }

  #nextDue(): PendingEffect | undefined {
    return nextDue(this.#state, Date.now());
  }

  /** Does an effect and returns the keys of all effects that are thereby done. */
  async #perform({ key, effect, attempts }: PendingEffect): Promise<number[]> {
    const { kind } = effect;
    if (kind === "publish") return this.#publish(effect);
    if (kind === "move") await this.#turns.run(() => this.#finishMove());
    if (kind === "notify") await this.#notify(effect.event, effect.deliveries);
    if (kind === "recheck-email" && attempts < MAX_RECHECKS) {
      await this.#recheckEmail(effect.id);
    }
    return [key];
  }

  async #publish({ of, id }: Extract<Effect, { kind: "publish" }>): Promise<number[]> {
    const keys = publishesOf(this.#state, id);
    const published = this.#bringToKv(of, id);
    this.#publishing = published.catch(() => undefined);
    await published;
    return keys;
  }

  #bringToKv(of: StoredRecord["kind"], id: string): Promise<void> {
    const { record } = this.#state;
    const users = usersIn(this.env.USERS);
    const tasks = tasksIn(this.env.TASKS);
    if (record?.value.id !== id) return (of === "user" ? users : tasks).delete(id);
    return record.kind === "user" ? users.put(record.value) : tasks.put(record.value);
  }

  #announce(record: StoredRecord, happening: Happening, named: readonly string[] = []) {
    const { channels } = readConfig(this.env).config;
    return announce(record, happening, named, { channels, newId: v7, now: Date.now() });
  }

  /** Starts the job of an event. Its first slice is a matter of speed: its alarm is the guarantee. */
  async #notify(event: DomainEvent, deliveries: readonly Delivery[]): Promise<void> {
    const job = await startNotification(this.env, event, deliveries);
    this.ctx.waitUntil(job.run().catch(() => undefined));
  }

  async #recheckEmail(id: string): Promise<void> {
    const address = this.#uncheckedEmail(id);
    if (address === null) return;
    const found = await recheckEmail(createEmailChecker(this.env), emailOf(address));
    await this.#turns.run(() => this.#keepCheck(id, address, found));
  }

  /** The address of this record where its check has no result yet. */
  #uncheckedEmail(id: string): string | null {
    const { record } = this.#state;
    if (record?.kind !== "user" || record.value.id !== id) return null;
    return record.value.email_check.verdict === "unknown" ? record.value.email : null;
  }

  /** Keeps what was found, unless the record has changed its address or gone while DNS was asked. */
  async #keepCheck(id: string, address: string, found: EmailCheck): Promise<void> {
    const { record } = this.#state;
    if (record === null || this.#uncheckedEmail(id) !== address) return;
    const change = { kind: "user" as const, change: { patch: {}, email_check: found } };
    const changed = applyChange(record, change, Date.now());
    if ("kind" in changed)
      await this.#commit({ ...this.#state, record: changed }, [publish(changed)]);
  }
}

/** The e-mail that names a user's writer; a task's is named by its id, which never changes. */
function canonicalOf({ kind, value }: StoredRecord): string | null {
  return kind === "user" ? emailOf(value.email).canonical : null;
}
