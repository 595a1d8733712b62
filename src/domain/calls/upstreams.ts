// Named upstreams: APIs that the operator describes in UPSTREAMS, with secrets that stay on the server. A
// caller gives a name and a path, and never sees the headers that are added.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { textRecord } from "../../lib/text-record";
import { fillSecrets } from "../../lib/fill-secrets";
import { lazySchema } from "../../lib/lazy-schema";

/** Methods that a call may use. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
/** One of METHODS. */
export type Method = (typeof METHODS)[number];

/** A header's name (RFC 9110 §5.1), at most as long as common servers accept. */
export const HeaderName = v.pipe(
  v.string(),
  v.regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i, "Not a header name"),
);
/** A header's value (RFC 9110 §5.5) in ASCII, at most as long as common servers accept. */
export const HeaderValue = v.pipe(
  v.string(),
  maxCharacters(8192),
  v.regex(/^[\t\x20-\x7e]*$/, "Not a header value"),
);

/** An entry of UPSTREAMS as the operator writes it. */
const UpstreamSettings = lazySchema(() =>
  v.strictObject({
    base_url: v.pipe(
      v.string(),
      maxCharacters(2048),
      v.check(isBaseUrl, "Not an http(s) URL without credentials, query and fragment"),
    ),
    headers: v.optional(textRecord(HeaderName, v.pipe(v.string(), maxCharacters(8192))), {}),
    methods: v.optional(v.pipe(v.array(v.picklist(METHODS)), v.minLength(1)), ["GET", "HEAD"]),
    paths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.startsWith("/"))), v.minLength(1)), [
      "/*",
    ]),
    cache_seconds: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
      0,
    ),
    public: v.optional(v.boolean(), false),
  }),
);

/** All of UPSTREAMS: entries by name. */
export const UpstreamsSettings = v.record(
  v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "Not a name")),
  UpstreamSettings,
);

/** A named upstream with its secrets filled in. */
export interface Upstream {
  readonly name: string;
  readonly baseUrl: URL;
  readonly methods: readonly Method[];
  readonly isPublic: boolean;
  readonly cacheSeconds: number;
  /** Values that replaced `${NAME}`, to be redacted from all that a caller sees. */
  readonly secrets: readonly string[];
  /** Headers added to each request, secrets included. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * True for URLs that the operator opened: of the base's origin, below its path, and matching one of the
   * listed path patterns.
   */
  covers(url: URL): boolean;
}

/**
 * Fills the secrets into an entry of UPSTREAMS.
 *
 * @param secret returns the value of a secret by its name, undefined if it is not set
 * @throws TypeError naming a secret that is missing or a header that cannot be sent
 */
export function createUpstream(
  name: string,
  settings: v.InferOutput<typeof UpstreamSettings>,
  secret: (name: string) => string | undefined,
): Upstream {
  const secrets = new Set<string>();
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings.headers)) {
    const filled = fillSecrets(value, secret);
    if (!v.is(HeaderValue, filled.text))
      throw new TypeError(`${name}: header ${key} cannot be sent`);
    for (const used of filled.secrets) secrets.add(used);
    headers[key.toLowerCase()] = filled.text;
  }
  const baseUrl = new URL(settings.base_url);
  const basePath = baseUrl.pathname.replace(/\/$/, "");
  const paths = settings.paths.map(parsePathPattern);
  return {
    name,
    baseUrl,
    methods: settings.methods,
    isPublic: settings.public,
    cacheSeconds: settings.cache_seconds,
    secrets: [...secrets],
    headers,
    covers: ({ origin, pathname, username, password }) =>
      origin === baseUrl.origin &&
      username + password === "" &&
      pathname.startsWith(`${basePath}/`) &&
      !isAmbiguous(pathname) &&
      paths.some((matches) => matches(pathname.slice(basePath.length))),
  };
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

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return !url.username && !url.password && !url.search && !url.hash;
}

/**
 * Compiles a path pattern such as `/repos/*`, where `*` matches any text with slashes. Runs in linear time,
 * since a caller chooses the path: it searches forwards for each literal part.
 */
function parsePathPattern(pattern: string): (path: string) => boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  return (path) => {
    if (last === undefined) return path === first;
    if (!path.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = path.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return path.length - last.length >= at && path.endsWith(last);
  };
}

/**
 * True for paths with encoded slashes or dots (`%2f`, `%5c`, `%2e`), which some servers decode: they could
 * climb out of an opened path.
 */
function isAmbiguous(pathname: string): boolean {
  return /%(?:2f|5c|2e)|\/\.\.?;/i.test(pathname) || pathname.includes("\\");
}
