// What is left of version 0.1, which kept one object per record and one per Idempotency-Key. Records that
// had reached KV are brought over by the tables; what had not is handed over here, when the alarm rings
// that each waiting object has. The classes stay for one version, as their objects may still wait.
import { DurableObject } from "cloudflare:workers";
import * as v from "valibot";
import { createEvent, EVENT_TYPES } from "../domain/notifications/events";
import { tell } from "../runtime/channels";
import { tasksIn, usersIn } from "../runtime/tables";

const Kept = v.object({
  kind: v.picklist(["user", "task"]),
  value: v.looseObject({ id: v.string() }),
});
const Effect = v.variant("kind", [
  v.object({ kind: v.literal("publish"), of: Kept.entries.kind, id: v.string() }),
  v.object({ kind: v.literal("move"), record: Kept }),
  v.object({ kind: v.literal("recheck-email") }),
  v.object({
    kind: v.literal("notify"),
    event: v.object({
      id: v.string(),
      type: v.picklist(EVENT_TYPES),
      timestamp: v.string(),
      data: v.looseObject({ id: v.string() }),
    }),
    deliveries: v.array(v.object({ id: v.string(), channel: v.string() })),
  }),
]);
/** The state of a writer, as version 0.1 stored it under `state`. */
const WriterState = v.object({
  record: v.nullable(Kept),
  effects: v.array(v.object({ effect: Effect })),
});
type WriterState = v.InferOutput<typeof WriterState>;

/** One record of version 0.1. Hands over what had not reached KV, then forgets itself. */
export class RecordWriter extends DurableObject<Env> {
  // A throw has the platform repeat the alarm; should that not suffice, the state is still here.
  override async alarm(): Promise<void> {
    const state = v.parse(v.nullable(WriterState), this.ctx.storage.kv.get("state") ?? null);
    if (state !== null) await this.#handOver(state);
    await this.ctx.storage.deleteAll();
  }

  async #handOver({ record, effects }: WriterState): Promise<void> {
    if (record !== null) await this.#adopt(record);
    for (const { effect } of effects) {
      if (effect.kind === "move") await this.#adopt(effect.record);
      if (effect.kind === "publish" && effect.id !== record?.value.id)
        await this.#tableOf(effect.of).adopt(effect.id, null);
      if (effect.kind === "notify") {
        const { timestamp, ...event } = effect.event;
        await tell(
          this.env,
          createEvent({ ...event, recordId: event.data.id }, Date.parse(timestamp)),
          effect.deliveries.map(({ channel }) => channel),
        );
      }
    }
  }

  #adopt({ kind, value }: v.InferOutput<typeof Kept>): Promise<void> {
    return this.#tableOf(kind).adopt(value.id, value);
  }

  #tableOf(kind: "user" | "task") {
    return kind === "user" ? usersIn(this.env) : tasksIn(this.env);
  }
}

/** One Idempotency-Key of version 0.1, whose 24 hours end with its alarm. */
export class IdempotencyKey extends DurableObject<Env> {
  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
