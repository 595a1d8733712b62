// Named upstreams: APIs that the operator describes in UPSTREAMS, with secrets that stay on the server. A
// caller gives a name and a path, and never sees what is added.
import * as v from "valibot";
import { fillSecrets } from "../../lib/fill-secrets";
import { parseRate } from "../../lib/rate";
import { isAmbiguous, parsePathPattern } from "./path-pattern";
import type { Quota } from "./quota";
import { HeaderValue, type Method, type UpstreamSettings } from "./upstream-settings";

export { UpstreamsSettings } from "./upstream-settings";

/** Characters of the shortest secret: a shorter one would occur by accident, and be redacted there. */
const MIN_SECRET_CHARACTERS = 8;

/** Credentials of an OAuth 2.0 client (RFC 6749 §4.4). */
export interface OAuth2Client {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** A named upstream with its secrets filled in. */
export interface Upstream {
  readonly name: string;
  readonly baseUrl: URL;
  readonly methods: readonly Method[];
  readonly isPublic: boolean;
  readonly cacheSeconds: number;
  /** Values that replaced `${NAME}`, and what was made of them, to be redacted from all that a caller sees. */
  readonly secrets: readonly string[];
  /** Headers added to each request, secrets included. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters added to each request's query, secrets included. */
  readonly query: readonly (readonly [string, string])[];
  readonly oauth2: OAuth2Client | null;
  /** Lower-case names of headers that callers may add. */
  readonly headersAllowed: ReadonlySet<string>;
  /** Parameters that callers may add; null for any. */
  readonly queryAllowed: ReadonlySet<string> | null;
  /** Null if nothing is counted. */
  readonly quota: Quota | null;
  /** True if calls that change something may bear an Idempotency-Key of ours. */
  readonly takesIdempotencyKey: boolean;
  /** True if the operator listed paths. */
  readonly hasPaths: boolean;
  /** The whole entry with its secrets, in which any change of it shows. */
  readonly fingerprint: string;
  /**
   * True for URLs that the operator opened: of the base's origin, below its path, and matching one of the
   * listed path patterns.
   */
  covers(this: void, url: URL): boolean;
}

/**
 * Fills the secrets into an entry of UPSTREAMS.
 *
 * @param secret returns the value of a secret by its name, undefined if it is not set
 * @throws TypeError naming a secret that is missing or too short, or a header that cannot be sent
 */
export function createUpstream(
  name: string,
  settings: UpstreamSettings,
  secret: (name: string) => string | undefined,
): Upstream {
  const filler = createFiller(name, secret);
  const { basic, oauth2, rate, daily_calls, per_caller } = settings;
  const headers = filler.headers(settings.headers);
  if (basic !== undefined) headers["authorization"] = filler.basic(basic);
  const baseUrl = new URL(filler.path(settings.base_url));
  const isCounted = [rate, daily_calls, per_caller].some((bound) => bound !== undefined);
  const upstream = {
    name,
    baseUrl,
    methods: settings.methods,
    isPublic: settings.public,
    cacheSeconds: settings.cache_seconds,
    headers,
    query: Object.entries(settings.query).map(([key, value]) => [key, filler.text(value)] as const),
    oauth2: oauth2 === undefined ? null : filler.oauth2(oauth2),
    headersAllowed: new Set(settings.headers_allowed.map((header) => header.toLowerCase())),
    queryAllowed: settings.query_allowed === undefined ? null : new Set(settings.query_allowed),
    quota: isCounted
      ? {
          rate: parseRate(rate ?? ""),
          dailyCalls: daily_calls ?? null,
          perCaller: parseRate(per_caller ?? ""),
        }
      : null,
    takesIdempotencyKey: settings.idempotency_key,
    hasPaths: settings.paths !== undefined,
  };
  const secrets = [...filler.secrets];
  return {
    ...upstream,
    secrets,
    fingerprint: JSON.stringify([settings, headers, upstream.query, baseUrl.href, secrets]),
    covers: createCover(baseUrl, settings.paths),
  };
}

function createCover(baseUrl: URL, paths: UpstreamSettings["paths"]): Upstream["covers"] {
  const basePath = baseUrl.pathname.replace(/\/$/, "");
  const patterns = paths?.map(parsePathPattern);
  return ({ origin, pathname, username, password }) => {
    if (origin !== baseUrl.origin || username + password !== "") return false;
    if (!pathname.startsWith(`${basePath}/`)) return false;
    const path = pathname.slice(basePath.length);
    return !isAmbiguous(path) && (patterns?.some((matches) => matches(path)) ?? true);
  };
}

/** The secrets of one entry, collected while they are filled in. */
function createFiller(name: string, secret: (name: string) => string | undefined) {
  const secrets = new Set<string>();
  const fill = (template: string, encode?: (value: string) => string) => {
    const filled = fillSecrets(template, secret, encode);
    for (const value of filled.secrets) {
      if (value.length < MIN_SECRET_CHARACTERS)
        throw new TypeError(
          `${name}: a secret in "${template}" has under ${MIN_SECRET_CHARACTERS} characters, which replies cannot be searched for; \${plain:NAME} is no secret`,
        );
      secrets.add(value);
    }
    return filled;
  };
  const text = (template: string) => fill(template).text;
  return {
    secrets,
    text,
    path: (template: string) => fill(template, encodeSegment).text,
    headers: (templates: Readonly<Record<string, string>>) => {
      const headers: Record<string, string> = {};
      for (const [key, template] of Object.entries(templates)) {
        const value = text(template);
        if (!v.is(HeaderValue, value)) throw new TypeError(`${name}: header ${key} cannot be sent`);
        headers[key.toLowerCase()] = value;
      }
      return headers;
    },
    /** @returns the value of Authorization (RFC 7617), in UTF-8 */
    basic: ([user, password]: readonly [string, string]) => {
      const filled = [fill(user), fill(password)];
      if (filled[0]?.text.includes(":")) throw new TypeError(`${name}: basic: a user has no colon`);
      const pair = filled.map((part) => part.text).join(":");
      const encoded = new TextEncoder().encode(pair).toBase64();
      if (filled.some((part) => part.secrets.length > 0)) secrets.add(encoded);
      return `Basic ${encoded}`;
    },
    oauth2: ({ token_url, client_id, client_secret, scope }: OAuth2Settings): OAuth2Client => ({
      tokenUrl: new URL(token_url),
      clientId: text(client_id),
      clientSecret: text(client_secret),
      scope,
    }),
  };
}

type OAuth2Settings = NonNullable<UpstreamSettings["oauth2"]>;

/** Encodes what a path segment cannot hold (RFC 3986 §3.3), and no more: some APIs compare a key as it stands. */
function encodeSegment(value: string): string {
  return encodeURIComponent(value).replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

/**
 * The URL of a path under an upstream, or null if the operator did not open it. `..` is resolved first and
 * the result checked, so a path cannot climb out of the base.
 */
export function upstreamUrl(upstream: Upstream, path: string): URL | null {
  const { origin, pathname } = upstream.baseUrl;
  const url = URL.parse(origin + pathname.replace(/\/$/, "") + path);
  return url !== null && upstream.covers(url) ? url : null;
}
