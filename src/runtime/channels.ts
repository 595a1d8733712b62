// The way to the channels' objects, and what an attempt of theirs reaches outside by.
import type { ChannelQueue, DeliveryResult } from "../domain/notifications/channel-queue";
import type { DeliverDeps } from "../domain/notifications/deliver";
import { assigneeOf, type MessageContext } from "../domain/notifications/message";
import type { DomainEvent } from "../domain/notifications/events";
import { toBindingMessage } from "../domain/mail/mail-request";
import { toUser } from "../domain/records/context";
import { readConfig } from "../env";
import { untilAborted } from "../lib/until-aborted";
import { openObject } from "./objects";
import { createOutgoing } from "./outgoing";
import { usersIn, type TablesEnv } from "./tables";

/** The binding CHANNEL_QUEUES, through which channels are reached. */
export type ChannelsEnv = Pick<Env, "CHANNEL_QUEUES">;

/** The channel of this name, be it configured or not. */
export function channelNamed({ CHANNEL_QUEUES }: ChannelsEnv, name: string): ChannelQueue {
  return openObject<ChannelQueue>(() => CHANNEL_QUEUES.getByName(name));
}

/** Cancels a delivery. */
export async function cancelIn(
  { CHANNEL_QUEUES }: ChannelsEnv,
  name: string,
  eventId: string,
): Promise<DeliveryResult> {
  let tries = 0;
  const queue = openObject<ChannelQueue>(() => {
    tries += 1;
    return CHANNEL_QUEUES.getByName(name);
  });
  const result = await queue.cancel(eventId);
  if (tries === 1 || result.status !== "refused") return result;
  // The reply to the try before this one was lost: that one has cancelled it.
  const delivery = (await queue.read(eventId))?.delivery;
  return delivery?.status === "cancelled" ? { status: "done", delivery } : result;
}

/** Hands an event to channels. A rejection means that not all have it: to repeat it is harmless. */
export async function tell(
  env: ChannelsEnv,
  event: DomainEvent,
  names: readonly string[],
): Promise<void> {
  await allOf(names, (name) => channelNamed(env, name).enqueue(event));
}

/** Has channels forget what they were told of a record. */
export async function eraseFrom(
  env: ChannelsEnv,
  recordId: string,
  names: readonly string[],
): Promise<void> {
  await allOf(names, (name) => channelNamed(env, name).erase(recordId));
}

/** Runs a call on each channel, also after one failed, and then rejects if any did. */
async function allOf(
  names: readonly string[],
  run: (name: string) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(names.map(run));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Names of assignees, needed to put events into words. */
export async function createMessageContext(
  env: TablesEnv,
  events: readonly DomainEvent[],
): Promise<MessageContext> {
  const ids = new Set(events.flatMap((event) => assigneeOf(event) ?? []));
  const users = usersIn(env);
  const names = await Promise.all(
    // Without a name the id has to do.
    Array.from(ids, async (id) => [id, await users.read(id).catch(() => null)] as const),
  );
  const known = new Map(names.map(([id, json]) => [id, json === null ? null : toUser(json).name]));
  return {
    publicUrl: readConfig(env).config.publicUrl,
    nameOf: (id) => known.get(id) ?? null,
  };
}

/** The `send_email` binding, as far as it is used here. */
interface EmailBinding {
  send(message: ReturnType<typeof toBindingMessage>): Promise<unknown>;
}

/** Surroundings of a channel's attempt. */
export function createDeliverDeps(env: object, context: MessageContext): DeliverDeps {
  const { config } = readConfig(env);
  const binding: unknown = Reflect.get(env, "EMAIL");
  return {
    ...context,
    outgoing: createOutgoing(config),
    mail: config.mail,
    sendByBinding: async (mail, signal) => {
      if (!isEmailBinding(binding)) throw new TypeError("There is no binding EMAIL");
      await untilAborted(binding.send(toBindingMessage(mail)), signal);
    },
  };
}

function isEmailBinding(binding: unknown): binding is EmailBinding {
  return typeof binding === "object" && binding !== null && "send" in binding;
}
