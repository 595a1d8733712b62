// Variables and secrets, read and checked once an isolate. What is missing gets its documented
// default; what cannot be read is one clear error for every request, never a silent default.
import * as v from "valibot";
import { parseBudgets, type Budgets } from "./domain/callers/budgets";
import { parseTokens, type Token } from "./domain/callers/tokens";
import {
  createEmailDomains,
  EmailDomainsSettings,
  type EmailDomains,
} from "./domain/email/email-domains";
import { createMailService, MailSettings, type MailService } from "./domain/mail/mail";
import {
  ChannelsSettings,
  createChannels,
  createOwnerChannel,
  mailChannel,
  type Channel,
} from "./domain/notifications/channels";
import { parseAllowedHosts, type HostPolicy } from "./domain/outgoing/host-policy";
import { createUpstream, UpstreamsSettings, type Upstream } from "./domain/calls/upstreams";
import { lines } from "./domain/text";
import { lazySchema } from "./lib/lazy-schema";
import { parseOrigins, type Origins } from "./lib/origin-pattern";
import {
  ConfigError,
  naming,
  notOneOf,
  oneOf,
  readCount,
  readHttpUrl,
  readSecret,
  readTable,
  readText,
  words,
} from "./variables";
import {
  CONNECTIONS_PER_INVOCATION,
  DEFAULT_SUBREQUESTS,
  MAX_SUBREQUESTS,
  WAIT_UNTIL_MS,
} from "./domain/platform";

/** The configuration, read from the variables. */
export interface Config {
  /** API_TOKENS. */
  readonly tokens: readonly Token[];
  /** PUBLIC_ENDPOINTS. Only the routes know which names there are: see `refuseUnknownEndpoint`. */
  readonly publicEndpoints: ReadonlySet<string>;
  /** ALLOWED_ORIGINS. */
  readonly origins: Origins;
  readonly hosts: HostPolicy;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** CHANNELS by name, with the one of OWNER_EMAIL and the reserved one of MAIL. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly mail: MailService | null;
  /** SIGN_UP: `confirmed` if addresses must confirm the sign-ups of callers without a token. */
  readonly signUp: "open" | "confirmed";
  /** EMAIL_DOMAINS: the owner's word on the domains of addresses. */
  readonly emailDomains: EmailDomains;
  /** THANKS: the words after a form, by language tag; under an empty tag if they are in one alone. */
  readonly thanks: ReadonlyMap<string, string>;
  /** PUBLIC_URL without a slash at its end, for links in mails and messages; null for the request's origin. */
  readonly publicUrl: string | null;
  /** SECURITY_CONTACT, for /.well-known/security.txt: an address as a URI; null for that of the console. */
  readonly securityContact: string | null;
  readonly isRateLimited: boolean;
  /** ANONYMOUS_DAILY; null for none. */
  readonly anonymousDaily: Budgets | null;
  readonly turnstile: Turnstile | null;
  /** A DNS-over-HTTPS resolver that answers in JSON. */
  readonly dnsResolverUrl: URL;
  readonly limits: Limits;
}

/** Settings of the proof that a caller without a token is a person. */
export interface Turnstile {
  readonly secret: string;
  /** TURNSTILE_VERIFY_URL. */
  readonly verifyUrl: URL;
  /** TURNSTILE_ACTION: the one that widgets name, or null for any. */
  readonly action: string | null;
  /** True if the secret is one of Cloudflare's for tests, which prove nothing. */
  readonly isDummy: boolean;
}

/** Limits in their units. Each is a variable of the same name in capitals. */
export interface Limits {
  /** FAN_OUT_CONNECTIONS: calls that wait for response headers at once; by default the platform's own limit. */
  readonly fanOutConnections: number;
  /** CALL_TIMEOUT_MS: one attempt of one call, unless the request says otherwise. */
  readonly callTimeoutMs: number;
  /** SUBREQUESTS: requests, redirects and retries too, that one request's calls or one lane's invocation may send. */
  readonly subrequests: number;
  /** REQUEST_TIMEOUT_MS: all calls of one request, unless the request says otherwise. */
  readonly requestTimeoutMs: number;
  /** BATCH_RETENTION_DAYS: how long a finished batch and its results are kept. */
  readonly batchRetentionDays: number;
  /** TASK_RETENTION_DAYS: finished tasks are deleted after so long; null for never. */
  readonly taskRetentionDays: number | null;
  /** BATCH_SLICE_MS: a slice of a batch starts nothing new after this; a request's background ends at WAIT_UNTIL_MS. */
  readonly batchSliceMs: number;
}

const DNS_RESOLVER_URL = "https://cloudflare-dns.com/dns-query";
const TURNSTILE_VERIFY_URL = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/** The configuration, or the reason why it cannot be read and one with everything closed. */
export interface ConfigReading {
  readonly config: Config;
  readonly error: ConfigError | null;
}

let readings = new WeakMap<object, ConfigReading>();

/** Has the variables read anew. For tests, which run one deployment after another in a runtime. */
export function forgetConfig(): void {
  readings = new WeakMap();
}

/** The configuration of this isolate. Parsed once for each `env`, which the runtime keeps. */
export function readConfig(env: object): ConfigReading {
  let reading = readings.get(env);
  if (reading === undefined) {
    reading = parseOrClose(Object.fromEntries(Object.entries(env)));
    readings.set(env, reading);
  }
  return reading;
}

function parseOrClose(vars: Readonly<Record<string, unknown>>): ConfigReading {
  try {
    return { config: parseConfig(vars), error: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: { ...parseConfig({}), ...readableParts(vars) }, error };
  }
}

/** The configuration while a variable cannot be read: it opens nothing, since everything is refused. */
function readableParts(
  vars: Readonly<Record<string, unknown>>,
): Pick<Config, "origins" | "tokens"> {
  return {
    // Pages of the listed origins may read why everything is refused.
    origins: partOrClosed({ ALLOWED_ORIGINS: vars["ALLOWED_ORIGINS"] }).origins,
    // Holders of a token may read in /health which variable it is.
    tokens: partOrClosed({ API_TOKENS: vars["API_TOKENS"] }).tokens,
  };
}

function partOrClosed(vars: Readonly<Record<string, unknown>>): Config {
  try {
    return parseConfig(vars);
  } catch {
    return parseConfig({});
  }
}

function parseConfig(vars: Readonly<Record<string, unknown>>): Config {
  const text = (name: string, fallback = "") => readText(vars[name], name, fallback);
  const count = (name: string, fallback: number, max: number) =>
    readCount(text(name, String(fallback)), name, max);
  return {
    tokens: naming("API_TOKENS", () => parseTokens(text("API_TOKENS"))),
    publicEndpoints: new Set(words(text("PUBLIC_ENDPOINTS"))),
    origins: naming("ALLOWED_ORIGINS", () => parseOrigins(text("ALLOWED_ORIGINS"))),
    hosts: naming("ALLOWED_HOSTS", () => parseAllowedHosts(text("ALLOWED_HOSTS"))),
    upstreams: naming("UPSTREAMS", () => readUpstreams(vars)),
    ...readMail(vars, text),
    emailDomains: naming("EMAIL_DOMAINS", () =>
      createEmailDomains(readTable(EmailDomainsSettings, vars["EMAIL_DOMAINS"])),
    ),
    thanks: naming("THANKS", () => readThanks(vars["THANKS"])),
    securityContact: readContact(text("SECURITY_CONTACT")),
    isRateLimited: oneOf(["on", "off"], text("RATE_LIMIT", "on"), "RATE_LIMIT") === "on",
    anonymousDaily: naming("ANONYMOUS_DAILY", () => parseBudgets(text("ANONYMOUS_DAILY"))),
    turnstile: readTurnstile(readSecret(vars["TURNSTILE_SECRET"], "TURNSTILE_SECRET"), text),
    dnsResolverUrl: readHttpUrl(text("DNS_RESOLVER_URL", DNS_RESOLVER_URL), "DNS_RESOLVER_URL"),
    limits: {
      fanOutConnections: count("FAN_OUT_CONNECTIONS", CONNECTIONS_PER_INVOCATION, 100),
      subrequests: count("SUBREQUESTS", DEFAULT_SUBREQUESTS, MAX_SUBREQUESTS),
      callTimeoutMs: count("CALL_TIMEOUT_MS", 10_000, 60_000),
      requestTimeoutMs: count("REQUEST_TIMEOUT_MS", 25_000, 60_000),
      batchSliceMs: count("BATCH_SLICE_MS", 20_000, WAIT_UNTIL_MS - 5_000),
      batchRetentionDays: count("BATCH_RETENTION_DAYS", 7, 365),
      taskRetentionDays:
        text("TASK_RETENTION_DAYS") === "" ? null : count("TASK_RETENTION_DAYS", 1, 3650),
    },
  };
}

/** Refuses a name in PUBLIC_ENDPOINTS that no route has. @throws ConfigError */
export function refuseUnknownEndpoint(
  { publicEndpoints }: Pick<Config, "publicEndpoints">,
  known: ReadonlySet<string>,
): void {
  for (const name of publicEndpoints) {
    if (!known.has(name)) throw notOneOf([...known], name, "PUBLIC_ENDPOINTS");
  }
}

function readUpstreams(vars: Readonly<Record<string, unknown>>): ReadonlyMap<string, Upstream> {
  const settings = readTable(UpstreamsSettings, vars["UPSTREAMS"]);
  const create = ([name, entry]: [string, (typeof settings)[string]]) =>
    [name, createUpstream(name, entry, secretOf(vars))] as const;
  return new Map(Object.entries(settings).map(create));
}

/** Reads SECURITY_CONTACT. @throws ConfigError for anything but a URI of the kinds that RFC 9116 §2.5.3 names */
function readContact(uri: string): string | null {
  if (uri === "" || /^(?:mailto:|https:\/\/|tel:)[\x21-\x7e]{1,500}$/.test(uri)) return uri || null;
  throw new ConfigError("SECURITY_CONTACT is none of mailto:, https: and tel:");
}

type ReadText = (name: string, fallback?: string) => string;

/** Channels and mail, by which messages are sent. */
function readMail(vars: Readonly<Record<string, unknown>>, text: ReadText) {
  const mail = naming("MAIL", () => readMailService(vars));
  const channels = naming("CHANNELS", () =>
    createChannels(readTable(ChannelsSettings, vars["CHANNELS"]), {
      secret: secretOf(vars),
      mailFrom: mail?.from ?? null,
    }),
  );
  const address = text("OWNER_EMAIL");
  if (address !== "") {
    const owner = naming("OWNER_EMAIL", () => createOwnerChannel(address, mail?.from ?? null));
    channels.set(owner.name, owner);
  }
  if (mail !== null) channels.set(mailChannel.name, mailChannel);
  const signUp = oneOf(["open", "confirmed"], text("SIGN_UP") || "open", "SIGN_UP");
  if (signUp === "confirmed" && mail === null)
    throw new ConfigError("SIGN_UP: confirmed needs MAIL");
  const publicUrl = text("PUBLIC_URL");
  return {
    mail,
    signUp,
    channels,
    publicUrl:
      publicUrl === "" ? null : readHttpUrl(publicUrl, "PUBLIC_URL").href.replace(/\/+$/, ""),
  };
}

function readMailService(vars: Readonly<Record<string, unknown>>): MailService | null {
  const given = vars["MAIL"];
  if (given === undefined || given === "") return null;
  const settings = v.parse(MailSettings, typeof given === "string" ? JSON.parse(given) : given);
  const service = createMailService(settings, secretOf(vars));
  if (service.via === "binding" && vars["EMAIL"] === undefined)
    throw new TypeError("via: there is no send_email binding named EMAIL");
  return service;
}

const MAX_THANKS_CHARACTERS = 2000;

const Thanks = lazySchema(() => {
  const text = lines(MAX_THANKS_CHARACTERS);
  const tag = v.pipe(
    v.string(),
    v.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, "no language tag"),
  );
  return v.union([text, v.record(tag, text)]);
});

/** Reads a text, or a table of texts by language, which may be a JSON string. */
function readThanks(value: unknown): ReadonlyMap<string, string> {
  if (value === undefined || value === "") return new Map();
  const isJson = typeof value === "string" && value.trimStart().startsWith("{");
  const thanks = v.parse(Thanks, isJson ? JSON.parse(value) : value);
  return new Map(typeof thanks === "string" ? [["", thanks]] : Object.entries(thanks));
}

/** The value of a secret by its name. */
function secretOf(vars: Readonly<Record<string, unknown>>): (name: string) => string | undefined {
  return (name) => readText(vars[name], name, "") || undefined;
}

/** https://developers.cloudflare.com/turnstile/troubleshooting/testing/ */
const DUMMY_SECRET = /^[123]x0+AA$/;
/** Cloudflare's bounds for an action. */
const ACTION = /^[\w-]{1,32}$/;

function readTurnstile(secret: string, text: ReadText): Turnstile | null {
  if (secret === "") return null;
  const action = text("TURNSTILE_ACTION");
  if (action !== "" && !ACTION.test(action))
    throw new ConfigError("TURNSTILE_ACTION is not up to 32 of A-Z a-z 0-9 _ -");
  return {
    secret,
    verifyUrl: readHttpUrl(
      text("TURNSTILE_VERIFY_URL", TURNSTILE_VERIFY_URL),
      "TURNSTILE_VERIFY_URL",
    ),
    action: action === "" ? null : action,
    isDummy: DUMMY_SECRET.test(secret),
  };
}
