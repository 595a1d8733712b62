// UPSTREAMS as the operator writes it.
import * as v from "valibot";
import { lazySchema } from "../../lib/lazy-schema";
import { maxCharacters } from "../../lib/max-characters";
import { textRecord } from "../../lib/text-record";
import { RATE } from "../../lib/rate";

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

const DEFAULT_HEADERS_ALLOWED = [
  "accept",
  "accept-language",
  "content-type",
  "if-none-match",
  "if-modified-since",
  "prefer",
  "idempotency-key",
];
const MAX_DAILY_CALLS = 1_000_000_000;

/** A text in which `${NAME}` stands for a secret. */
const Template = v.pipe(v.string(), maxCharacters(8192));
const Rate = v.pipe(v.string(), v.regex(RATE, "Not a rate such as 60/min (of /s, /min, /h, /day)"));

const OAuth2 = lazySchema(() =>
  v.strictObject({
    token_url: v.pipe(
      v.string(),
      maxCharacters(2048),
      v.check(
        (text) => isPlainUrl(text) && !text.includes("${"),
        "Not an http(s) URL; ${NAME} is not filled in here",
      ),
    ),
    client_id: Template,
    client_secret: Template,
    scope: v.optional(v.pipe(v.string(), maxCharacters(1000)), ""),
  }),
);

/** An entry of UPSTREAMS. */
export const UpstreamSettings = lazySchema(() =>
  v.pipe(
    v.strictObject({
      base_url: v.pipe(
        v.string(),
        maxCharacters(2048),
        v.check(
          isBaseUrl,
          "Not an http(s) URL without credentials, query and fragment; ${NAME} in its path only",
        ),
      ),
      headers: v.optional(textRecord(HeaderName, Template), {}),
      query: v.optional(textRecord(v.pipe(v.string(), v.minLength(1)), Template), {}),
      basic: v.optional(v.tuple([Template, Template])),
      oauth2: v.optional(OAuth2),
      methods: v.optional(v.pipe(v.array(v.picklist(METHODS)), v.minLength(1)), ["GET", "HEAD"]),
      paths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.startsWith("/"))), v.minLength(1))),
      headers_allowed: v.optional(v.array(HeaderName), DEFAULT_HEADERS_ALLOWED),
      query_allowed: v.optional(v.array(v.string())),
      cache_seconds: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)),
        0,
      ),
      rate: v.optional(Rate),
      daily_calls: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_DAILY_CALLS)),
      ),
      per_caller: v.optional(Rate),
      idempotency_key: v.optional(v.boolean(), true),
      public: v.optional(v.boolean(), false),
    }),
    v.check(
      ({ headers, basic, oauth2 }) =>
        [
          Object.keys(headers).some((name) => name.toLowerCase() === "authorization"),
          basic !== undefined,
          oauth2 !== undefined,
        ].filter(Boolean).length <= 1,
      "Give one of basic, oauth2 and a header named authorization",
    ),
  ),
);
export type UpstreamSettings = v.InferOutput<typeof UpstreamSettings>;

/** All of UPSTREAMS: entries by name. */
export const UpstreamsSettings = v.record(
  v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "Not a name")),
  UpstreamSettings,
);

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === "";
}

function isBaseUrl(text: string): boolean {
  const path = text.slice(text.indexOf("/", text.indexOf("//") + 2));
  const isSecretElsewhere = text.includes("${") && !/^https?:\/\/[^/?#$]+\//.test(text);
  if (isSecretElsewhere || /[?#]/.test(path)) return false;
  const url = URL.parse(text);
  return isPlainUrl(text) && url?.search === "" && url.hash === "";
}
