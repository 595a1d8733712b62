// Explanations of every refusal, for the pages at `/problems/<code>` and the OpenAPI document. Kept apart
// from the table of problems, which is in the script: these texts are rarely read.
import type { ItemCode } from "../domain/batches/item-code";
import type { ProblemCode } from "../http/problem";
import {
  MAX_BATCH_BODY_BYTES,
  MAX_BODY_BYTES,
  MAX_JSON_DEPTH,
  MAX_JSON_WEIGHT,
} from "../domain/platform";

const MIB = 1024 * 1024;

/** Explanations by code. Names of fields and headers are in backticks. */
export const explanations = {
  "malformed-json": "The body must be one JSON value in UTF-8 (RFC 8259). Check quotes and commas.",
  "malformed-request":
    "A query parameter, a cursor or a header cannot be read. A parameter that is not known, or stands twice, is refused and named: ignored, it would widen what was asked for. Cursors are opaque: pass them on as they came, with the same filters.",
  unauthorized:
    "Send `Authorization: Bearer <token>` with one of the tokens in API_TOKENS, or list the endpoint in PUBLIC_ENDPOINTS.",
  "origin-not-allowed":
    "A page called from an origin that is not listed in ALLOWED_ORIGINS, or a form did not name its origin: a page with `Referrer-Policy: no-referrer` or `same-origin`, a sandboxed frame, or a file hides it.",
  "challenge-failed":
    "Turnstile is on: send its token in a `Turnstile-Token` header, or a form with the widget in it. A token is good once, for five minutes; fetch a new one from the widget.",
  "not-found": "The path or the id is unknown. It may have been deleted, or have expired.",
  "method-not-allowed": "The `Allow` header lists the methods that this path takes.",
  "email-taken":
    "A user with this e-mail exists, perhaps in another spelling (case, Unicode form, IDN).",
  "wrong-state":
    "For example, a finished batch cannot be cancelled. Read the resource to see its state.",
  "idempotency-in-progress": "Repeat the same request after the seconds in `Retry-After`.",
  gone: "The first request with this Idempotency-Key created something that was deleted since: to create it anew, send a new key. Or the link of a mail was used, has expired, or belongs to a sign-up that was deleted.",
  "precondition-failed":
    "`If-Match` names other versions than the one that is there, or `If-None-Match` names that one. Read it again, apply the change, send the new ETag.",
  "body-too-large": `A body may have ${MAX_BODY_BYTES / MIB} MiB, and ${MAX_BATCH_BODY_BYTES / MIB} MiB for /batch-process; JSON may nest ${MAX_JSON_DEPTH} levels deep, and hold ${MAX_JSON_WEIGHT} members and elements, where an array counts two more and an object four. Send less, or in parts.`,
  "unsupported-media-type":
    "Send `Content-Type: application/json`, in UTF-8 and without a Content-Encoding; sign-ups and tasks also as a form, without `enctype` or as `multipart/form-data`.",
  "invalid-body": "`errors` lists what is wrong and where. /openapi.json has the schema.",
  "undeliverable-email":
    "Its domain has no mail server, does not exist, offers disposable addresses, or is blocked by EMAIL_DOMAINS. With `Prefer: handling=strict` also where the address looks misspelt: `reason` is then `likely-typo`, and the same request without that header is accepted.",
  "idempotency-mismatch":
    "An Idempotency-Key belongs to one request for 24 hours. Use a new key for a new request.",
  "rate-limited": "Wait for the seconds in `Retry-After`.",
  "quota-exceeded":
    "What callers without a token may use a day (UTC) is spent: `quota` names the budget, one of `batches`, `items` and `calls` of this caller, or `total_items` and `total_calls` of all such callers together. It is new after the seconds in `Retry-After`; ANONYMOUS_DAILY sets it. Nothing of the request was done. Holders of a token have no budget, and reading a batch by its id is free.",
  internal: "This is our fault. The log has the cause under the request id.",
  "upstream-failed":
    "With the policy `all` every call must succeed, with `any` at least one. `results` tells of each call.",
  unavailable:
    "The platform refuses for now: an object restarts or is overloaded, or a daily quota of the plan is spent. Nothing was changed, or a repeat changes nothing twice. Try again after the seconds in `Retry-After`; quotas are new at 00:00 UTC.",
  "loop-detected": `The request bears our own mark in \`CDN-Loop\` (RFC 8586): a call of \`/external-api\` or of a batch led back to one of these, here or at another deployment. Call the API that you want at its own address.`,
} as const satisfies Record<ProblemCode, string>;

/** Explanations of the codes of failed items. */
export const itemExplanations = {
  "wrong-type": "The operation takes another kind of value, such as a number.",
  "invalid-value": "The right kind of value, but one that the operation cannot read.",
  "too-large": "What the operation would make is over a bound.",
  timeout: "No whole response in time.",
  network: "The connection failed, or closed before a whole response.",
  "host-not-allowed": "The host is not in ALLOWED_HOSTS, or is private, local or our own.",
  "too-many-redirects": "The upstream redirects on and on.",
  "response-too-large": "The response has more bytes than a call may bring.",
  "unsupported-encoding": "The response has a Content-Encoding that cannot be decoded.",
  "dependency-failed": "A call that this one waits for was not ok.",
  "subrequest-limit": "All requests that one invocation may send were used.",
  "quota-exceeded": "The upstream's quota is used up for now.",
  "invalid-select": "`select` cannot be applied to the response.",
  cancelled: "The call was given up: it was no longer wanted, or there was no room for it.",
  "upstream-status": "The upstream answered, but not with 2xx. `receipt` is its answer.",
  "email-taken": "A user with this e-mail exists.",
  "id-taken": "Of an import: there is a record with this id already.",
  "invalid-body": "The item names what does not exist. `errors` says what and where.",
  "not-found": "The record was made by an earlier attempt, and deleted since.",
  unauthorized: "The upstream or channel is open to callers with a token only.",
  "undeliverable-email": "The address cannot receive mail. `reason` says why.",
  crashed: "The item ended its process each time it was run.",
  interrupted:
    "It was sent, and its process ended before an answer came: it may have had its effect. It is not sent again unless `max_attempts` allows it.",
  "unknown-operation": "A new deployment has no such operation any more.",
  "result-too-large": "The result is too large to be stored.",
  unserializable: "The result cannot be written as JSON.",
  internal: "This is our fault. The log has the cause.",
} as const satisfies Record<ItemCode, string>;
