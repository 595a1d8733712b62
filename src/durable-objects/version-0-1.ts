// Remains of version 0.1, which kept one object per record and one per Idempotency-Key. The tables import the
// records that had reached KV; all others are handed over here, by the alarm that each waiting object has
// set. The classes stay for one version, since their objects may still wait.
import { DurableObject } from "cloudflare:workers";
import * as v from "valibot";
import { createEvent, EVENT_TYPES } from "../domain/notifications/events";
import { tell, type ChannelsEnv } from "../runtime/channels";
import { tasksIn, usersIn } from "../runtime/tables";

const Kept = v.object({
  kind: v.picklist(["user", "task"]),
  value: v.looseObject({ id: v.string() }),
});
/** An event as version 0.1 told it. */
const OldEvent = v.object({
  id: v.string(),
  type: v.picklist(EVENT_TYPES),
  timestamp: v.string(),
  data: v.looseObject({ id: v.string() }),
});
/** A job of version 0.1 that delivers an event: its items are deliveries. */
const OldNotification = v.looseObject({
  work: v.looseObject({ kind: v.literal("notification"), event: OldEvent }),
});
const OldDelivery = v.looseObject({ channel: v.string() });
const Effect = v.variant("kind", [
  v.object({ kind: v.literal("publish"), of: Kept.entries.kind, id: v.string() }),
  v.object({ kind: v.literal("move"), record: Kept }),
  v.object({ kind: v.literal("recheck-email") }),
  v.object({
    kind: v.literal("notify"),
    event: OldEvent,
    deliveries: v.array(v.object({ id: v.string(), channel: v.string() })),
  }),
]);
/** The state of a writer, as version 0.1 stored it under `state`. */
const WriterState = v.object({
  record: v.nullable(Kept),
  effects: v.array(v.object({ effect: Effect })),
});
type WriterState = v.InferOutput<typeof WriterState>;

/** Milliseconds before the next attempt to hand over. */
const RETRY_MS = 15 * 60_000;

/** A record of version 0.1. Its alarm hands what had not reached KV to the tables, then deletes the object. */
export class RecordWriter extends DurableObject<Env> {
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    // Set first: no request reaches this object any more, and the platform retries a failing alarm for two
    // minutes only.
    await storage.setAlarm(Date.now() + RETRY_MS);
    const state = v.parse(v.nullable(WriterState), storage.kv.get("state") ?? null);
    const refused = state === null ? [] : await this.#handOver(state);
    // `deleteAll` deletes the alarm too.
    if (refused.length === 0) return storage.deleteAll();
    // Another user has the address by now: kept and logged, for the operator to decide.
    console.error(JSON.stringify({ level: "error", event: "version-0-1", refused }));
    return storage.deleteAlarm();
  }

  /**
   * Hands over everything that is pending. Repeatable.
   *
   * @returns the records that their table refused, with the reason
   */
  async #handOver({ record, effects }: WriterState): Promise<string[]> {
    const outcomes = record === null ? [] : [await this.#adopt(record)];
    for (const { effect } of effects) {
      if (effect.kind === "move") outcomes.push(await this.#adopt(effect.record));
      if (effect.kind === "publish" && effect.id !== record?.value.id)
        outcomes.push(await this.#tell(effect.of, effect.id, null));
      if (effect.kind === "notify") {
        const names = effect.deliveries.map(({ channel }) => channel);
        await tellOld(this.env, effect.event, names);
      }
    }
    return outcomes.filter((outcome) => outcome !== null);
  }

  #adopt({ kind, value }: v.InferOutput<typeof Kept>): Promise<string | null> {
    return this.#tell(kind, value.id, value);
  }

  async #tell(kind: "user" | "task", id: string, record: unknown): Promise<string | null> {
    const table = kind === "user" ? usersIn(this.env) : tasksIn(this.env);
    const outcome = await table.adopt(id, record);
    return outcome === "adopted" ? null : `${id}: ${outcome}`;
  }
}

/**
 * Hands over what a job of version 0.1 had still to deliver; what it had delivered is forgotten.
 *
 * @param job as it was stored
 * @returns true if it is such a job
 */
export async function handOverNotification(
  job: unknown,
  entries: () => readonly { readonly item: unknown; readonly state: { readonly status: string } }[],
  env: ChannelsEnv,
): Promise<boolean> {
  if (!v.is(OldNotification, job)) return false;
  const pending = entries().filter(({ state }) => state.status === "pending");
  const names = pending.flatMap(({ item }) => (v.is(OldDelivery, item) ? [item.channel] : []));
  await tellOld(env, job.work.event, names);
  return true;
}

function tellOld(
  env: ChannelsEnv,
  { timestamp, ...event }: v.InferOutput<typeof OldEvent>,
  names: readonly string[],
): Promise<void> {
  return tell(
    env,
    createEvent({ ...event, recordId: event.data.id }, Date.parse(timestamp)),
    names,
  );
}

/** One Idempotency-Key of version 0.1, whose 24 hours end with its alarm. */
export class IdempotencyKey extends DurableObject<Env> {
  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
