// Descriptions of the header fields that routes read and write.
import type { JsonSchema } from "@valibot/to-json-schema";
import { TAGS_PATTERN } from "../http/etag";
import type { ReplyHeaderName, RequestHeaderName } from "../http/header-names";
import { RATE_LIMIT_POLICY } from "../http/limits";
import { limit, period } from "../../dist/rate-limit.json";

/** A header field in the OpenAPI document. */
interface HeaderField {
  readonly description: string;
  readonly schema: JsonSchema;
}

const text = (maxLength: number): JsonSchema => ({ type: "string", minLength: 1, maxLength });

/** Header fields of requests. */
export const requestHeaders = {
  "Idempotency-Key": {
    description:
      "Any string of your own, quoted or bare (draft-ietf-httpapi-idempotency-key-header). For 24 hours the same request with the same key, from the same caller, gets the first reply again, with `Idempotency-Replayed: true`. Should the first still run after 30 seconds, a repeat runs beside it, under the same ids. Refusals of the handler are kept as well; 401, 413, 415, 429 and malformed bodies are not. The same request is one that means the same: the order of members and spaces around the body do not count. Without a token the caller is the network address; a key that nobody guesses (a UUIDv4, at least 22 base64url or 32 hexadecimal characters) finds its reply from any. A reply that tells of what was deleted since is a 410 `gone`.",
    schema: text(255),
  },
  "If-Match": {
    description:
      "Entity tags, or `*`: only one of these versions is read or changed, any other is a 412 (RFC 9110 §13.1.1).",
    schema: { ...text(8192), pattern: TAGS_PATTERN },
  },
  "If-None-Match": {
    description:
      "Entity tags, or `*`: where one of them holds, reading is a 304 and a change a 412 (RFC 9110 §13.1.2).",
    schema: { ...text(8192), pattern: TAGS_PATTERN },
  },
  "Last-Event-ID": {
    description: "The id of the last event that you got. Browsers send it by themselves.",
    schema: text(200),
  },
  Prefer: {
    description:
      "RFC 7240. `wait=N`, of batches: answer with the finished work if it is done within N seconds, at most 25. `handling=strict`, of sign-ups: refuse an address that looks misspelt, in place of accepting it with a suggestion.",
    schema: { ...text(1000), pattern: '(wait ?= ?"?[0-9]+|handling ?= ?"?strict)' },
  },
  "Turnstile-Token": {
    description:
      "The token of a Turnstile widget: needed without a bearer token where TURNSTILE_SECRET is set.",
    schema: text(2048),
  },
} as const satisfies Record<RequestHeaderName, HeaderField>;

/** Header fields of replies. A `required` one is on every reply that lists it. */
export const replyHeaders = {
  Accept: {
    description: "The media types that this operation takes.",
    schema: { type: "string" },
    required: true,
  },
  "Cache-Control": {
    description: "How long caches may keep it.",
    schema: { type: "string" },
    required: true,
  },
  "Content-Disposition": {
    description: "Of CSV: the name of the file.",
    schema: { type: "string", pattern: '^attachment; filename="[a-z]+\\.csv"$' },
    required: false,
  },
  "Content-Security-Policy": {
    description: "What the page may run and load.",
    schema: { type: "string" },
    required: false,
  },
  "Cross-Origin-Opener-Policy": {
    description: "Who opened the page cannot reach into it.",
    schema: { const: "same-origin" },
    required: true,
  },
  "Cross-Origin-Resource-Policy": {
    description: "Pages of any origin may load it.",
    schema: { const: "cross-origin" },
    required: true,
  },
  ETag: {
    description: "The version, for `If-Match` and `If-None-Match`.",
    schema: { type: "string", pattern: '^(W/)?"[^"]*"$' },
    required: true,
  },
  "Idempotency-Replayed": {
    description: "On a repeat: this is the first reply again.",
    schema: { const: "true" },
    required: false,
  },
  Link: {
    description: 'The next page, where there is one: `<…>; rel="next"` (RFC 8288).',
    schema: { type: "string", pattern: '^<[^>]+>; rel="next"$' },
    required: false,
  },
  Location: {
    description: "The path of what was made; after a form, where to go.",
    schema: { type: "string", format: "uri-reference", pattern: "^(/|https?://)" },
    required: true,
  },
  "Preference-Applied": {
    description: "The preference that was followed.",
    schema: { type: "string", pattern: "^wait=[0-9]+$" },
    required: true,
  },
  "RateLimit-Policy": {
    description: `What is allowed, where calls are limited: \`${RATE_LIMIT_POLICY}\` is ${limit} requests in ${period} seconds (draft-ietf-httpapi-ratelimit-headers).`,
    schema: { type: "string" },
    required: false,
  },
  "Referrer-Policy": {
    description: "The page tells no other site where its reader came from.",
    schema: { enum: ["no-referrer", "same-origin"] },
    required: false,
  },
  "Request-Id": {
    description: "Names this request in the log.",
    schema: { type: "string", format: "uuid" },
    required: true,
  },
  "Retry-After": {
    description: "Seconds after which asking again is worth it.",
    schema: { type: "string", pattern: "^[0-9]+$" },
    required: false,
  },
  "Server-Timing": {
    description: "`total;dur=` the milliseconds that the Worker took.",
    schema: { type: "string", pattern: "^total;dur=[0-9.]+$" },
    required: false,
  },
  "WWW-Authenticate": {
    description: "How to authenticate.",
    schema: { const: "Bearer" },
    required: true,
  },
} as const satisfies Record<ReplyHeaderName, HeaderField & { required: boolean }>;
