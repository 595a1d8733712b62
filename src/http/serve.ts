// Serves routes: reads the input of a request, runs the handler, once under an Idempotency-Key, and writes
// what it returns.
import * as v from "valibot";
import { DomainError } from "../domain/errors";
import type { CreationIds, KeptReply } from "../domain/idempotency";
import { MAX_BODY_BYTES } from "../domain/platform";
import { canonicalJson, canonicalPieces } from "../lib/canonical-json";
import { after } from "../lib/after";
import { sha256Hex } from "../lib/sha256";
import { digestOf, digestOfTexts } from "../runtime/digest-of";
import { admitCaller, type Admit } from "./admission";
import type { Uses } from "../domain/callers/budgets";
import { authorize } from "./auth";
import { readBody, type BodyRules } from "./body";
import type { Match, RequestContext } from "./request-context";
import { refuseForeignOrigin } from "./cors";
import { formOf, isForm, readForm, refusesDoubts, validateForm, type Form } from "./form";
import { FORM_TYPES } from "./form-fields";
import { replyToForm, replyToTrap } from "./form-reply";
import {
  createIds,
  parseIdempotencyKey,
  runOnce,
  type Fingerprint,
  type KeyedRequest,
} from "./idempotency";
import { refuseLoop } from "./loop";
import { HttpError, problemReply, toProblem } from "./problem";
import { firstParameter, readQuery, refused } from "./query";
import { RawBody } from "./raw-body";
import type { Reply } from "./reply";
import { respond, write, type Written } from "./respond";
import { runAfterFirst } from "./submit-once";
import { requireChallenge } from "./turnstile";
import { endpointOf, type Input, type Once, type Route } from "./route";

type Schema = v.GenericSchema;

/** Creates the function that serves a route: access, input, handler, reply. */
export function serve(route: Route): Match["handle"] {
  const endpoint = endpointOf(route);
  const rules = route.body && bodyRules(route.body, route);
  const queryRules = { schema: route.query, isLenient: route.isFile === true };
  const serveInput = (context: RequestContext, form: Form | undefined) => {
    if (endpoint !== undefined) requireChallenge(context);
    const query = readQuery(context.request.url, queryRules);
    const body = rules && readValue(route, rules, context, form);
    return after(body, (value) => {
      const input = gatherInput(route, context, query, value);
      const run = route.keysIn === undefined ? runRoute : runIdempotent;
      const written =
        input.raw === undefined
          ? run(route, context, input)
          : input.raw.handBy(() => run(route, context, input));
      if (form !== undefined) return sendToForm(context, written);
      return written instanceof Promise
        ? written.then((made) => send(context, made))
        : send(context, written);
    });
  };
  return (context) => {
    if (route.isForAnyOrigin !== true && route.access !== "link") refuseForeignOrigin(context);
    authorize(context, route.access);
    if (route.callsOut === true) refuseLoop(context);
    if (rules === undefined || !isForm(context)) return serveInput(context, undefined);
    return readForm(context.request, rules).then((form) =>
      form.isTrapped ? send(context, replyToTrap(context)) : serveInput(context, form),
    );
  };
}

function send(context: RequestContext, { status, headers, content }: Written): Response {
  return respond(context, status, headers, content);
}

async function sendToForm(
  context: RequestContext,
  written: Written | Promise<Written>,
): Promise<Response> {
  return send(context, await replyToForm(context, await written));
}

/** Input of any route, without the types of its schemas. */
type ReadInput = Record<"body" | "query" | "params", unknown> & {
  readonly raw: RawBody | undefined;
  readonly once?: Once;
};

function gatherInput(
  route: Route,
  context: RequestContext,
  query: unknown,
  body: unknown,
): ReadInput {
  const raw = body instanceof RawBody ? body : undefined;
  if (route.isQueryForRaw === true && raw === undefined) refuseParameters(context.request.url);
  return {
    body: raw === undefined ? body : undefined,
    raw,
    query,
    params: route.params && readParams(context, route.params),
  };
}

/** Reads and validates a body, which may be a form. */
function readValue(
  route: Route,
  rules: BodyRules,
  context: RequestContext,
  form: Form | undefined,
): unknown {
  const { moreFaults } = route;
  const findMore = moreFaults && ((value: unknown) => moreFaults(value, context));
  return form === undefined || route.form === undefined
    ? readBody(context.request, rules, findMore)
    : validateForm(form, route.form, rules, findMore);
}

/** Runs a creation, once under its Idempotency-Key if there is one. */
function runIdempotent(
  route: Route,
  context: RequestContext,
  input: ReadInput,
): Written | Promise<Written> {
  const { headers } = context.request;
  const key = parseIdempotencyKey(headers);
  if (key !== null || formOf(context.request) !== undefined)
    return runKeyed(route, context, input, key);
  const once: Once = { ids: idsFor(route, input), keep: null, begin: null };
  return runRoute(route, context, { ...input, once });
}

function idsFor(route: Route, { body }: ReadInput): CreationIds {
  const ids = createIds();
  // As in `runRoute`, the type of the body is forgotten.
  return route.idsFor?.(ids, body) ?? ids;
}

async function runKeyed(
  route: Route,
  context: RequestContext,
  input: ReadInput,
  key: string | null,
): Promise<Written> {
  const { request, ctx } = context;
  const hasForm = formOf(request) !== undefined;
  const fingerprint = await fingerprintOf(input);
  // A form is never a stream.
  const formDigest = typeof fingerprint === "string" ? fingerprint : "";
  const keyed: KeyedRequest = {
    table: route.keysIn ?? "batches",
    fingerprint,
    fresh: idsFor(route, input),
    // The key of a form that has none is known to its caller alone, since others have other scopes.
    ...(key === null
      ? { key: `form:${refusesDoubts(request)}:${formDigest}`, memory: "moment" }
      : { key, memory: "day" }),
    run: async (ids, keepWith, begin) => {
      const keep = (result: Reply<unknown>) => keepWith(asKept(write(route.reply.status, result)));
      return asKept(
        await runRoute(route, context, { ...input, once: { ids, keep, begin } }, begin),
      );
    },
    refusal: (thrown) => (isKept(thrown) ? asKept(problemReply(context, toProblem(thrown))) : null),
  };
  const run = () => {
    const reply = runOnce(context, keyed);
    // The reply is completed and stored even if the caller disconnects, for when it repeats the request.
    ctx.waitUntil(reply.catch(() => undefined));
    return reply;
  };
  return hasForm ? runAfterFirst(run) : run();
}

/**
 * True for refusals that depend on the meaning of a request: they are stored under its key as a reply. A
 * refusal of a request's form is not, so that it can be corrected.
 */
function isKept(thrown: unknown): boolean {
  return thrown instanceof DomainError && !NOT_KEPT.has(thrown.code);
}

const NOT_KEPT: ReadonlySet<string> = new Set([
  "unauthorized",
  "invalid-body",
  "quota-exceeded",
  "unavailable",
]);

function runRoute(
  route: Route,
  context: RequestContext,
  input: ReadInput,
  begin?: (digest: string | null) => Promise<void>,
): Written | Promise<Written> {
  const isChallenged = endpointOf(route) !== undefined;
  const admit = (uses: Uses) => {
    const admission = admitCaller(context, isChallenged, uses);
    return begin === undefined ? admission : Promise.resolve(admission).then(() => begin(null));
  };
  return route.admitsItself === true
    ? runAdmitting(route, context, input, admit)
    : after(admit({}), () => handle(route, context, input));
}

/** Runs a handler that must admit its caller itself. */
async function runAdmitting(
  route: Route,
  context: RequestContext,
  input: ReadInput,
  admit: (uses: Uses) => Promise<void> | undefined,
): Promise<Written> {
  let isAdmitted = false;
  const admitOnce: Admit = async (uses) => {
    isAdmitted = true;
    await admit(uses);
  };
  const written = await handle(route, context, { ...input, admit: admitOnce });
  if (isAdmitted) return written;
  throw new TypeError(`The handler of ${route.operationId} did not admit its caller`);
}

function handle(
  route: Route,
  context: RequestContext,
  input: ReadInput & { readonly admit?: Admit },
): Written | Promise<Written> {
  // The definition tied the handler to its schemas; the list of routes has forgotten that.
  const handed = input as Input<never, never, never, never>;
  return after(route.handler(handed, context), (result) => write(route.reply.status, result));
}

/** A digest that is the same for equal input. JSON is compared by its meaning, any other body by its bytes. */
async function fingerprintOf({ raw, ...rest }: ReadInput): Promise<Fingerprint> {
  if (raw === undefined) return digestOfTexts(canonicalPieces([rest, null]));
  const { mediaType, parameters, stream } = raw;
  const content = [mediaType, ...parameters].flat();
  return {
    of: (digest) => sha256Hex(canonicalJson([rest, [...content, digest]])),
    readDigest: () => digestOf(stream),
  };
}

/** Converts a reply for storing. Routes with Idempotency-Keys do not stream. */
function asKept({ content, ...rest }: Written): KeptReply {
  if (typeof content !== "string" && content !== null)
    throw new TypeError("A reply of bytes cannot be kept");
  return { ...rest, content };
}

function bodyRules(schema: Schema, route: Route): BodyRules {
  const {
    maxBodyBytes = MAX_BODY_BYTES,
    bodyTypes = ["application/json"],
    rawBodyTypes = [],
    prepareBody,
  } = route;
  return {
    schema,
    isOptional: route.isBodyOptional,
    maxBytes: maxBodyBytes,
    listName: route.bodyList,
    jsonTypes: bodyTypes,
    rawTypes: rawBodyTypes,
    formTypes: route.form === undefined ? [] : FORM_TYPES,
    prepare: prepareBody,
  };
}

/** Refuses query parameters beside a JSON body: ignoring one, such as a limit, would be dangerous. */
function refuseParameters(url: string): void {
  const name = firstParameter(url);
  if (name !== undefined)
    throw refused(name, "for lines and CSV alone; with JSON it goes into the body");
}

function readParams(context: RequestContext, schema: Schema): unknown {
  const result = v.safeParse(schema, context.params);
  if (result.success) return result.output;
  throw new HttpError("not-found", "There is nothing under this id.");
}
