// Names of channels: who is told of an event, and whom a caller may name.
import * as v from "valibot";
import { MAX_FAULTS, type Fault } from "../errors";
import { MAX_NAMED_CHANNELS } from "../platform";
import type { Channel } from "./channels";
import { eventsOf, isAlert, type EventType } from "./events";

/** A channel's name, as settings and requests use it. */
export const ChannelName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "Not a name"));

/** The names of the channels that an event goes to: those that subscribe to it, and those named for it. */
export function channelsFor(
  type: EventType,
  channels: Iterable<Channel>,
  named: readonly string[] = [],
): string[] {
  return [...channels]
    .filter(
      ({ name, events, hasAlerts }) =>
        named.includes(name) ||
        (hasAlerts && isAlert(type)) ||
        events.some((pattern) => eventsOf(pattern).includes(type)),
    )
    .map(({ name }) => name);
}

/** Channels that a caller may name. */
export interface NamedChannels {
  readonly channels: ReadonlyMap<string, Pick<Channel, "type" | "isPublic">>;
  /** Without one, only public channels: others look as if there were none. */
  readonly hasToken: boolean;
}

/**
 * Faults of a list of channel names: those that the caller may not name. What is no name is the schema's to
 * refuse.
 */
export function unknownChannels(
  notify: unknown,
  { channels, hasToken }: NamedChannels,
  pointer = "#/notify",
): Fault[] {
  if (!Array.isArray(notify)) return [];
  return notify
    .slice(0, Math.max(MAX_FAULTS, MAX_NAMED_CHANNELS))
    .flatMap((name: unknown, index) =>
      v.is(ChannelName, name) && !mayName(channels.get(name), hasToken)
        ? [{ pointer: `${pointer}/${index}`, detail: `There is no channel "${name}" for you` }]
        : [],
    );
}

function mayName(
  channel: Pick<Channel, "type" | "isPublic"> | undefined,
  hasToken: boolean,
): boolean {
  if (channel === undefined || channel.type === "mail") return false;
  return hasToken || channel.isPublic;
}
