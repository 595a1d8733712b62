// Channels: where notifications go. The operator sets them up in CHANNELS; callers only name them, so
// no request can make the Worker call an address of its choice.
import * as v from "valibot";
import { fillSecrets } from "../../lib/fill-secrets";
import { MAX_FAULTS, type Fault } from "../errors";
import { decodeWebhookSecret } from "./webhook-signature";
import { lazySchema } from "../../lib/lazy-schema";

/** Events that are told. */
export const EVENT_TYPES = [
  "task.created",
  "task.updated",
  "task.deleted",
  "task.due",
  "user.created",
  "batch.completed",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A channel's name, as settings and requests use it. */
export const ChannelName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "Not a name"));

const Text = v.pipe(v.string(), v.maxLength(2048));
const shared = {
  /** `task.*` is all events of tasks, `*` is all. */
  events: v.optional(
    v.array(
      v.pipe(
        Text,
        v.check((pattern) => eventsOf(pattern).length > 0, "No such event"),
      ),
    ),
    [],
  ),
};
const withUrl = <const Type extends string>(type: Type) =>
  v.strictObject({ type: v.literal(type), url: Text, ...shared });

/** One entry of CHANNELS as the operator writes it. */
const ChannelSettings = lazySchema(() =>
  v.variant("type", [
    v.strictObject({
      type: v.literal("webhook"),
      url: Text,
      // Two while a secret is being replaced: both sign.
      secret: v.union([Text, v.pipe(v.array(Text), v.minLength(1), v.maxLength(2))]),
      ...shared,
    }),
    withUrl("slack"),
    withUrl("discord"),
    withUrl("ntfy"),
    v.strictObject({ type: v.literal("email"), to: Text, from: Text, ...shared }),
  ]),
);

/** The whole of CHANNELS: settings by name. */
export const ChannelsSettings = v.record(ChannelName, ChannelSettings);

/** A channel that is an address on the web. `secrets` must not be seen where its receiver echoes them. */
interface UrlChannel {
  readonly url: URL;
  readonly secrets: readonly string[];
}

/** A channel ready for use. */
export type Channel = { readonly name: string; readonly events: readonly string[] } & (
  | (UrlChannel & { readonly type: "webhook"; readonly keys: readonly Uint8Array[] })
  | (UrlChannel & { readonly type: "slack" | "discord" | "ntfy" })
  | { readonly type: "email"; readonly to: string; readonly from: string }
);

/**
 * Fills the secrets into a channel's settings.
 *
 * @throws TypeError naming what is missing or cannot be read; values are not in it
 */
export function createChannel(
  name: string,
  settings: v.InferOutput<typeof ChannelSettings>,
  secret: (name: string) => string | undefined,
): Channel {
  const fill = (text: string) => fillSecrets(text, secret).text;
  const { events } = settings;
  if (settings.type === "email") {
    return { name, events, type: "email", to: fill(settings.to), from: fill(settings.from) };
  }
  const address = fillSecrets(settings.url, secret);
  const url = URL.parse(address.text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError(`${name}: url is not an http(s) URL`);
  // The runtime's fetch would leave them out without a word.
  if (url.username !== "" || url.password !== "")
    throw new TypeError(`${name}: url holds a user name or password`);
  const place = { name, events, url, secrets: visibleSecrets(url, address.secrets) };
  if (settings.type !== "webhook") return { ...place, type: settings.type };
  const secrets = [settings.secret].flat().flatMap((text) => fill(text).split(/[\s,]+/));
  const keys = secrets.filter((text) => text !== "").map((text) => decodeWebhookSecret(text));
  if (keys.includes(null)) {
    throw new TypeError(`${name}: secret is not whsec_ followed by base64 of 24 to 64 bytes`);
  }
  if (keys.length === 0 || keys.length > 2)
    throw new TypeError(`${name}: secret holds ${keys.length} secrets, not one or two`);
  return { ...place, type: "webhook", keys: keys.filter((key) => key !== null) };
}

/** Shorter pieces of a URL are ordinary words. */
const MIN_PIECE_CHARACTERS = 8;

/** The secrets in a URL, and its pieces: where the whole URL is one secret, a receiver echoes the path. */
function visibleSecrets(url: URL, secrets: readonly string[]): string[] {
  if (secrets.length === 0) return [];
  const pieces = [...url.pathname.split("/"), ...url.searchParams.values()];
  return [...secrets, ...pieces.filter((piece) => piece.length >= MIN_PIECE_CHARACTERS)];
}

/** The names of the channels that an event goes to: those that subscribe to it, and those named for it. */
export function channelsFor(
  type: EventType,
  channels: Iterable<Channel>,
  named: readonly string[] = [],
): string[] {
  return [...channels]
    .filter(
      ({ name, events }) =>
        named.includes(name) || events.some((pattern) => eventsOf(pattern).includes(type)),
    )
    .map(({ name }) => name);
}

/** Faults of a list of channel names: those that there are not. What is no name is the schema's to refuse. */
export function unknownChannels(
  notify: unknown,
  channels: ReadonlyMap<string, unknown>,
  pointer = "#/notify",
): Fault[] {
  if (!Array.isArray(notify)) return [];
  return notify
    .slice(0, MAX_FAULTS)
    .flatMap((name: unknown, index) =>
      v.is(ChannelName, name) && !channels.has(name)
        ? [{ pointer: `${pointer}/${index}`, detail: `CHANNELS has no "${name}"` }]
        : [],
    );
}

/** The events that a pattern stands for. */
function eventsOf(pattern: string): EventType[] {
  return EVENT_TYPES.filter(
    (type) =>
      pattern === "*" ||
      pattern === type ||
      (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1))),
  );
}
