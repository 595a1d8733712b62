// One object per Idempotency-Key, so that of any number of equal requests at once one runs.
import { DurableObject } from "cloudflare:workers";
import {
  KEEP_REPLY_MS,
  takeTurn,
  type CreationIds,
  type KeptReply,
  type KeptRequest,
  type Turn,
} from "../domain/idempotency";

export class IdempotencyKey extends DurableObject<Env> {
  /** Starts a request, or says what became of an earlier one. The first start sets the lifetime. */
  async begin(fingerprint: string, fresh: CreationIds): Promise<Turn> {
    const kept = this.ctx.storage.kv.get<KeptRequest>("request") ?? null;
    const { turn, keep } = takeTurn(kept, fingerprint, fresh, Date.now());
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

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
