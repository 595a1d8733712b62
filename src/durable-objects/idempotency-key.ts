// One object per Idempotency-Key, so that of any number of equal requests at once one runs.
import { DurableObject } from "cloudflare:workers";
import {
  KEEP_REPLY_MS,
  takeTurn,
  type CreationIds,
  type KeptReply,
  type KeptRequest,
  type Turn,
} from "../domain/records/idempotency";

export class IdempotencyKey extends DurableObject<Env> {
  /** Whether a request was started since this object was: one that was started before is taken for dead. */
  #hasStarted = false;

  /** Starts a request, or says what became of an earlier one. The first start sets the lifetime. */
  async begin(fingerprint: string, fresh: CreationIds): Promise<Turn> {
    const kept = this.ctx.storage.kv.get<KeptRequest>("request") ?? null;
    const { turn, keep } = takeTurn(this.#orDead(kept), fingerprint, fresh, Date.now());
    if (turn.kind === "run") this.#hasStarted = true;
    if (keep !== null) this.ctx.storage.kv.put("request", keep);
    if (kept === null) await this.ctx.storage.setAlarm(Date.now() + KEEP_REPLY_MS);
    return turn;
  }

  /** Keeps the reply for repeats. */
  finish(reply: KeptReply): void {
    const kept = this.ctx.storage.kv.get<KeptRequest>("request");
    if (kept !== undefined) this.ctx.storage.kv.put("request", { ...kept, reply });
  }

  /** Lets the next equal request run: this one failed without a reply worth keeping. */
  release(): void {
    const kept = this.ctx.storage.kv.get<KeptRequest>("request");
    if (kept !== undefined) this.ctx.storage.kv.put("request", { ...kept, leasedUntil: 0 });
  }

  /** As if no request had come: this one was refused before it meant anything. */
  async forget(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }

  // A request may outlive this object, which is evicted when nobody asks. Taking it for dead then is
  // harmless: it is run again under the same ids, and so is the same creation.
  #orDead(kept: KeptRequest | null): KeptRequest | null {
    return kept === null || this.#hasStarted ? kept : { ...kept, leasedUntil: 0 };
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
