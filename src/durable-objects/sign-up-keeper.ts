// Sign-ups that their address must confirm: stored apart from users until one's link is used. Whatever depends on
// the address is decided by the effect `ask-to-confirm`, after the reply, so that no caller can tell one
// address from another.
import { v7 } from "uuid";
import { emailOf } from "../domain/email/email-address";
import { toBase64Url } from "../domain/links/link";
import type { LinkKeys } from "../domain/links/link-keys";
import { MAIL_CHANNEL } from "../domain/notifications/channels";
import type { DomainEvent } from "../domain/notifications/events";
import { announce, type AnnounceDeps } from "../domain/records/announce";
import { decideAdoption } from "../domain/records/changes";
import { toUser } from "../domain/records/context";
import { confirmUser, mayMail, PENDING_LIFE_MS, type Asker } from "../domain/records/confirmation";
import type { Effect, RecordChange } from "../domain/records/record";
import { writeSignUpMail, type Mailing } from "../domain/records/sign-up-mail";
import type {
  AskedBy,
  Confirmation,
  SignUpRequest,
  WriteCondition,
  WriteResult,
} from "../domain/records/table";
import type { User } from "../domain/records/users";
import { refused } from "../domain/errors";
import type { IdempotencyKeys } from "../storage/idempotency-keys";
import type { SqlOutbox } from "../storage/outbox-store";
import type { SignUps } from "../storage/sign-ups";
import { refusalOf, type Keeper } from "./record-keeper";

/** Sign-ups that one alarm deletes; the next alarm continues. */
const AT_ONCE = 100;
const HOUR_MS = 60 * 60_000;
const KEY_BYTES = 32;

/** Dependencies of the keeper of sign-ups. */
export interface SignUpParts {
  readonly storage: DurableObjectStorage;
  readonly signUps: SignUps;
  /** The keeper of the users that sign-ups become. */
  readonly keeper: Keeper;
  readonly outbox: SqlOutbox;
  readonly keys: IdempotencyKeys;
  readonly announcing: () => AnnounceDeps;
  /** The configuration as it is now. */
  readonly mailing: () => Mailing;
}

/** Reads and writes pending sign-ups, and through them users. Each write is one transaction. */
export class SignUpKeeper implements Pick<Keeper, "read" | "update" | "remove"> {
  readonly #parts: SignUpParts;

  constructor(parts: SignUpParts) {
    this.#parts = parts;
  }

  /** A user, or a pending sign-up. */
  read(id: string): string | null {
    const { keeper, signUps } = this.#parts;
    return keeper.read(id) ?? signUps.read(id);
  }

  update(id: string, change: RecordChange, condition: WriteCondition): WriteResult {
    const { keeper, signUps } = this.#parts;
    const result = keeper.update(id, change, condition);
    return isNotFound(result) && signUps.read(id) !== null ? NOT_CONFIRMED : result;
  }

  /** Deletes a user with all pending sign-ups of the address, or one pending sign-up. */
  remove(id: string, condition: WriteCondition): WriteResult {
    const { keeper, signUps } = this.#parts;
    return this.#transaction((now) => {
      const result = keeper.remove(id, condition);
      // Mostly there are none.
      if (signUps.firstMadeAt() === Infinity) return result;
      if (result.status === "written") {
        const email = emailIn(result.record);
        if (email !== null) this.#forget(signUps.idsOf(email), condition.requestId, now);
        return result;
      }
      const pending = isNotFound(result) ? signUps.find(id) : null;
      if (pending === null) return result;
      const refusal = refusalOf(pending, condition);
      if (refusal !== null) return refusal;
      this.#forget([id], condition.requestId, now);
      return { status: "written", record: JSON.stringify(pending) };
    });
  }

  /** Stores a sign-up, unless the same request did so before. The same writes for every address. */
  request({ user, origin, language, next, kept }: SignUpRequest, caller: string): void {
    const { keeper, signUps, outbox, keys } = this.#parts;
    const asking = { caller, origin, language, next };
    this.#transaction((now) => {
      const { id } = user;
      if (signUps.insert(user, keeper.nextSeq(now)))
        outbox.addEffects([{ kind: "ask-to-confirm", recordId: id, mailId: id, asking }], now);
      // The reply tells of nobody: it stays when the sign-up is deleted.
      if (kept !== null) keys.finish(kept.key, kept.reply, null);
    });
  }

  /** Asks for another mail to a pending sign-up. */
  askAgain(id: string, { origin, language, next }: AskedBy, caller: string): void {
    const { signUps, outbox } = this.#parts;
    const asking = { caller, origin, language, next };
    this.#transaction((now) => {
      if (signUps.read(id) === null) return;
      outbox.addEffects([{ kind: "ask-to-confirm", recordId: id, mailId: v7(), asking }], now);
    });
  }

  /**
   * Writes the mail that a sign-up calls for: a link to confirm it, or that its address is confirmed already;
   * none beyond the bounds. The transaction and the end of the effect are one commit, since nothing is awaited
   * between them.
   *
   * @throws Error if MAIL is not set, or if the address was confirmed or deleted meanwhile: to be repeated
   */
  async ask(effect: Extract<Effect, { kind: "ask-to-confirm" }>): Promise<void> {
    const { recordId, mailId, asking } = effect;
    const { signUps, outbox } = this.#parts;
    const pending = signUps.find(recordId);
    if (pending === null) return;
    const email = canonical(pending);
    const known = this.#confirmedUser(email);
    const address = await signUps.hash(`address/${email}`);
    const event = await writeSignUpMail(pending, known?.id ?? null, effect, {
      mailing: this.#parts.mailing(),
      keys: this.linkKeys(),
      now: Date.now(),
    });
    this.#transaction((now) => {
      if (signUps.read(recordId) === null) return;
      if (this.#confirmedUser(email)?.id !== known?.id) throw new Error("Changed meanwhile");
      const sent = {
        toAddress: signUps.mailsOf(address, now),
        byCaller: signUps.mailsOf(asking.caller, now),
      };
      const isMailed = mayMail(sent, now);
      if (isMailed) {
        for (const hash of [address, asking.caller]) signUps.countMail(hash, now);
        outbox.addEffects([notify(event)], now);
      }
      // Nobody could ever confirm what no mail was sent for; unless that is a further mail.
      const isFirst = mailId === recordId;
      if (known !== null || (isFirst && !isMailed)) signUps.drop(recordId);
    });
  }

  /** Makes a pending sign-up a user; one with its address who is not confirmed is confirmed instead. */
  confirm(id: string, origin: string): Confirmation {
    const { keeper, signUps } = this.#parts;
    return this.#transaction((now) => {
      const pending = signUps.find(id);
      if (pending === null) {
        const user = keeper.find(id);
        return user?.kind === "user" && user.value.confirmed_at !== null ? "confirmed" : "gone";
      }
      const email = canonical(pending);
      const held = signUps.userOf(email);
      signUps.drop(id);
      this.#forget(signUps.idsOf(email), `confirm:${id}`, now);
      if (held === null) this.#create(confirmUser(pending, now), origin);
      else this.#confirmHolder(held, origin, now);
      return "confirmed";
    });
  }

  /** Deletes a user, and all pending sign-ups of the address. */
  unsubscribe(id: string): void {
    const { signUps } = this.#parts;
    this.#transaction((now) => {
      const requestId = `unsubscribe:${id}`;
      const pending = signUps.find(id);
      if (pending === null) this.remove(id, { versions: null, requestId });
      else this.#forget(signUps.idsOf(canonical(pending)), requestId, now);
    });
  }

  linkKeys(): LinkKeys {
    return this.#parts.signUps.linkKeys(Date.now(), createSecret);
  }

  /** A keyed hash of a caller. */
  async keyOf(asker: Asker): Promise<string> {
    return "key" in asker ? asker.key : this.#parts.signUps.hash(`caller/${asker.address}`);
  }

  /** Deletes sign-ups that nobody has confirmed in time, and counts of mails whose day is over. */
  expire(): void {
    const { signUps } = this.#parts;
    this.#transaction((now) => {
      if (this.nextExpiry() > now) return;
      const ids = signUps.madeBefore(now - PENDING_LIFE_MS, AT_ONCE);
      for (const id of ids) signUps.drop(id);
      this.#erase(ids, now);
      signUps.sweepCounts(now);
    });
  }

  /** The instant of the next expiry, in milliseconds since 1970 UTC, rounded up to the hour. */
  nextExpiry(): number {
    const { signUps } = this.#parts;
    const at = Math.min(signUps.firstMadeAt() + PENDING_LIFE_MS, signUps.nextSweep());
    return Math.ceil(at / HOUR_MS) * HOUR_MS;
  }

  #confirmedUser(email: string): User | null {
    const id = this.#parts.signUps.userOf(email);
    const found = id === null ? null : this.#parts.keeper.find(id);
    return found?.kind === "user" && found.value.confirmed_at !== null ? found.value : null;
  }

  #create(user: User, origin: string): void {
    const { keeper, announcing } = this.#parts;
    const record = { kind: "user", value: user } as const;
    const { effects } = announce(record, { change: "confirmed" }, { ...announcing(), origin });
    const all = [...effects, ...decideAdoption(record)];
    const result = keeper.create({ record, effects: all, kept: null });
    if (result.status !== "written") throw new Error(`Not confirmed: ${result.code}`);
  }

  #confirmHolder(id: string, origin: string, now: number): void {
    const { keeper, outbox, announcing } = this.#parts;
    const found = keeper.find(id);
    if (found?.kind !== "user" || found.value.confirmed_at !== null) return;
    const record = { kind: "user", value: confirmUser(found.value, now) } as const;
    const { effects } = announce(record, { change: "confirmed" }, { ...announcing(), origin });
    outbox.add(id, [], now);
    keeper.rewrite(record, effects);
  }

  /** Deletes sign-ups, and the mails about them. */
  #forget(ids: readonly string[], deletedBy: string, now: number): void {
    for (const id of ids) this.#parts.signUps.delete(id, deletedBy, now);
    this.#erase(ids, now);
  }

  #erase(ids: readonly string[], now: number): void {
    const effects = ids.map(
      (recordId) => ({ kind: "erase", recordId, channels: [MAIL_CHANNEL] }) as const,
    );
    this.#parts.outbox.addEffects(effects, now);
  }

  #transaction<T>(run: (now: number) => T): T {
    const now = Date.now();
    return this.#parts.storage.transactionSync(() => run(now));
  }
}

function createSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

function canonical({ email }: User): string {
  return emailOf(email).canonical;
}

/** The address of a user that was deleted just now, in its canonical form; null if an earlier request did that. */
function emailIn(record: string): string | null {
  return record === "null" ? null : canonical(toUser(record));
}

function isNotFound(result: WriteResult): boolean {
  return result.status !== "written" && result.code === "not-found";
}

function notify(event: DomainEvent): Effect {
  return { kind: "notify", recordId: event.recordId, event, channels: [MAIL_CHANNEL] };
}

const NOT_CONFIRMED = refused(
  "wrong-state",
  "The address of this sign-up is not confirmed yet: until then it can be read and deleted, not changed.",
);
