// Channels: where notifications go. The operator sets them up in CHANNELS; callers only name them, so
// no request can make the Worker call an address of its choice.
import * as v from "valibot";
import { fillSecrets, type FilledText } from "../../lib/fill-secrets";
import { rateIntervalMs } from "../../lib/rate";
import { parseEmail } from "../email/canonical-email";
import { parseSender } from "../mail/mail";
import type { Pace } from "./channel-lifecycle";
import { ChannelSettings } from "./channel-settings";
import { ChannelName } from "./channel-names";
import { decodeWebhookSecret } from "../outgoing/webhook-signature";

/** Name of the channel of OWNER_EMAIL, which CHANNELS cannot have. */
const OWNER_CHANNEL = "owner";
/** Name of the channel of the Worker's own mails, which CHANNELS cannot have. */
export const MAIL_CHANNEL = "mail";
const RESERVED: ReadonlySet<string> = new Set([OWNER_CHANNEL, MAIL_CHANNEL]);

/** The whole of CHANNELS: settings by name, each of which is read by `createChannel`. */
export const ChannelsSettings = v.record(ChannelName, v.unknown());

/** A channel that is an address on the web. `secrets` must not be seen where its receiver echoes them. */
interface UrlChannel {
  readonly url: URL;
  readonly secrets: readonly string[];
}

interface AnyChannel {
  readonly name: string;
  readonly events: readonly string[];
  readonly pace: Pace;
  readonly isPublic: boolean;
  readonly hasAlerts: boolean;
}

/** A channel ready for use. */
export type Channel = AnyChannel &
  (
    | (UrlChannel & { readonly type: "webhook"; readonly keys: readonly Uint8Array[] })
    | (UrlChannel & { readonly type: "slack" | "discord" })
    | (UrlChannel & { readonly type: "telegram"; readonly chat: string | number })
    | (UrlChannel & { readonly type: "ntfy"; readonly token: string | null })
    | { readonly type: "email"; readonly to: readonly string[]; readonly from: string }
    | { readonly type: "mail" }
  );
/** Type of a channel. */
export type ChannelType = Channel["type"];

/** Surroundings of reading a channel, besides its settings. */
export interface ChannelDeps {
  readonly secret: (name: string) => string | undefined;
  /** `MAIL.from`, or null where there is no MAIL. */
  readonly mailFrom: string | null;
}

/** Everything that is wrong with channels, each with its field; values are not in it. */
class ChannelFaults extends TypeError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("; "));
    this.faults = faults;
  }
}

/**
 * Reads a channel's settings and fills its secrets in.
 *
 * @throws ChannelFaults with all that is wrong
 */
export function createChannel(name: string, given: unknown, deps: ChannelDeps): Channel {
  const faults: string[] = [];
  const fault = (field: string, detail: string) => void faults.push(`${name}.${field}: ${detail}`);
  if (RESERVED.has(name)) faults.push(`${name}: the name is reserved`);
  const parsed = v.safeParse(ChannelSettings, given);
  for (const issue of parsed.issues ?? []) {
    // valibot quotes what it got, which may be a secret in the wrong place.
    const field = v.getDotPath(issue) ?? "type";
    fault(field, issue.message.replace(/ but received .*$/s, ""));
  }
  const channel = parsed.success ? fillIn(name, parsed.output, deps, fault) : null;
  if (channel !== null && faults.length === 0) return channel;
  throw new ChannelFaults(faults);
}

/**
 * Reads all settings of CHANNELS.
 *
 * @throws ChannelFaults with all that is wrong with any of them
 */
export function createChannels(
  settings: Readonly<Record<string, unknown>>,
  deps: ChannelDeps,
): Map<string, Channel> {
  const channels = new Map<string, Channel>();
  const faults: string[] = [];
  for (const [name, given] of Object.entries(settings)) {
    try {
      channels.set(name, createChannel(name, given, deps));
    } catch (error) {
      if (!(error instanceof ChannelFaults)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ChannelFaults(faults);
  return channels;
}

type Fail = (field: string, detail: string) => void;
type Fill = (field: string, text: string) => FilledText | null;
type Settings<Type extends ChannelType> = Extract<ChannelSettings, { type: Type }>;

function fillIn(
  name: string,
  settings: ChannelSettings,
  { secret, mailFrom }: ChannelDeps,
  fault: Fail,
): Channel | null {
  const fill: Fill = (field, text) => {
    try {
      return fillSecrets(text, secret);
    } catch (error) {
      fault(field, error instanceof Error ? error.message : "cannot be read");
      return null;
    }
  };
  const any = anyOf(name, settings);
  if (settings.type === "email") return readEmail(any, settings, mailFrom, fill, fault);
  const address = fill("url", settings.url);
  const url = address && readUrl(address.text, fault);
  if (address === null || url === null) return null;
  const place = { ...any, url, secrets: visibleSecrets(url, address.secrets) };
  switch (settings.type) {
    case "webhook": {
      const keys = readKeys([settings.secret].flat(), fill, fault);
      return keys && { ...place, type: "webhook", keys };
    }
    case "telegram":
      return readTelegram(place, settings, fill, fault);
    case "ntfy":
      return readNtfy(place, settings, fill, fault);
    case "slack":
    case "discord":
      return { ...place, type: settings.type };
  }
}

type Place = AnyChannel & UrlChannel;

function readTelegram(
  place: Place,
  { token: given, chat }: Settings<"telegram">,
  fill: Fill,
  fault: Fail,
): Channel | null {
  const token = fill("token", given)?.text ?? null;
  if (token === null) return null;
  if (!/^[\w:-]+$/.test(token)) fault("token", "not a bot's token");
  return { ...place, ...telegramUrl(place.url, token), type: "telegram", chat };
}

function readNtfy(
  place: Place,
  { token: given }: Settings<"ntfy">,
  fill: Fill,
  fault: Fail,
): Channel {
  const token = given === undefined ? null : (fill("token", given)?.text ?? null);
  if (token === null) return { ...place, type: "ntfy", token };
  if (!/^[\x21-\x7e]+$/.test(token)) fault("token", "holds a character that no header can carry");
  return { ...place, secrets: [...place.secrets, token], type: "ntfy", token };
}

function readEmail(
  any: AnyChannel,
  settings: Settings<"email">,
  mailFrom: string | null,
  fill: Fill,
  fault: Fail,
): Channel | null {
  if (mailFrom === null) fault("type", "e-mail needs MAIL");
  const from = fill("from", settings.from ?? mailFrom ?? "")?.text ?? "";
  if (mailFrom !== null && parseSender(from) === null)
    fault("from", "not an address, nor Name <address>");
  const texts = [settings.to].flat().flatMap((text) => fill("to", text)?.text ?? []);
  const addresses = texts.map((text) => parseEmail(text));
  if (!addresses.every(({ ok }) => ok)) fault("to", "not an e-mail address");
  const to = addresses.flatMap((parsed) => (parsed.ok ? [parsed.email.address] : []));
  return { ...any, type: "email", to, from };
}

function anyOf(name: string, settings: ChannelSettings): AnyChannel {
  return {
    name,
    events: settings.events,
    pace: paceOf(settings),
    isPublic: settings.public,
    hasAlerts: settings.alerts,
  };
}

/** Types of the services that people read in, which are sent one message at a time. */
export const CHAT_TYPES: ReadonlySet<ChannelType> = new Set([
  "slack",
  "discord",
  "telegram",
  "ntfy",
]);
const IN_FLIGHT = 4;
/** Rates that these services take, used unless `rate` is set. */
const USUAL_INTERVAL_MS: Readonly<Record<string, number>> = { slack: 1000, discord: 500 };

function paceOf(settings: ChannelSettings): Pace {
  const { type, rate } = settings;
  const own = rate === undefined ? undefined : rateIntervalMs(rate);
  return {
    inFlight: CHAT_TYPES.has(type) ? 1 : IN_FLIGHT,
    intervalMs: Math.ceil(own ?? USUAL_INTERVAL_MS[type] ?? 0),
    hasDigests: "digest" in settings && settings.digest,
  };
}

/** The reserved channel that carries the Worker's own mails. */
export const mailChannel: Channel = {
  name: MAIL_CHANNEL,
  type: "mail",
  events: [],
  pace: { inFlight: IN_FLIGHT, intervalMs: 0, hasDigests: false },
  isPublic: false,
  hasAlerts: false,
};

/**
 * The channel that OWNER_EMAIL is short for.
 *
 * @throws TypeError for what is no address, or without MAIL
 */
export function createOwnerChannel(address: string, from: string | null): Channel {
  const parsed = parseEmail(address);
  if (!parsed.ok) throw new TypeError("not an e-mail address");
  if (from === null) throw new TypeError("needs MAIL");
  return {
    ...mailChannel,
    name: OWNER_CHANNEL,
    type: "email",
    to: [parsed.email.address],
    from,
    events: ["task.created", "user.created", "user.confirmed"],
    hasAlerts: true,
  };
}

function readUrl(text: string, fault: Fail): URL | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) fault("url", "not an http(s) URL");
  // The runtime's fetch would leave them out without a word.
  else if (url.username !== "" || url.password !== "")
    fault("url", "holds a user name or password");
  else return url;
  return null;
}

function readKeys(
  texts: readonly string[],
  fill: (field: string, text: string) => { readonly text: string } | null,
  fault: Fail,
): readonly Uint8Array[] | null {
  const filled = texts.map((text) => fill("secret", text));
  if (filled.includes(null)) return null;
  const secrets = filled.flatMap((each) => each?.text.split(/[\s,]+/) ?? []);
  const keys = secrets.filter((text) => text !== "").map((text) => decodeWebhookSecret(text));
  if (keys.includes(null)) fault("secret", "not whsec_ followed by base64 of 24 to 64 bytes");
  else if (keys.length === 0 || keys.length > 2)
    fault("secret", `holds ${keys.length} secrets, not one or two`);
  else return keys.filter((key) => key !== null);
  return null;
}

function telegramUrl(base: URL, token: string): UrlChannel {
  const url = new URL(`${base.href.replace(/\/+$/, "")}/bot${token}/sendMessage`);
  return { url, secrets: [token] };
}

/** Shorter pieces of a URL are ordinary words. */
const MIN_PIECE_CHARACTERS = 8;

/** The secrets in a URL, and its pieces: where the whole URL is one secret, a receiver echoes the path. */
function visibleSecrets(url: URL, secrets: readonly string[]): string[] {
  if (secrets.length === 0) return [];
  const pieces = [...url.pathname.split("/"), ...url.searchParams.values()];
  return [...secrets, ...pieces.filter((piece) => piece.length >= MIN_PIECE_CHARACTERS)];
}
