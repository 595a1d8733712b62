// Converts a route's replies to OpenAPI: its own, and every problem that it can answer with.
import { BUDGET_NAMES } from "../domain/callers/budgets";
import { MAX_FAULTS } from "../domain/errors";
import { explanations } from "./explanations";
import type { ReplyHeaderName } from "../http/header-names";
import type { DocumentedRoute } from "./documented-routes";
import { ACCEPTED_FORM, ACCEPTED_FORM_DESCRIPTION, REFUSED_FORM_CONTENT } from "./openapi-forms";
import { samples } from "./openapi-requests";
import { recordedReplies } from "./recorded-replies";
import { isJson, type ConvertedSchemas } from "./openapi-schemas";
import { HTML_PAGE_HEADERS } from "../http/html-page";
import { problems, type ProblemCode } from "../http/problem";
import { endpointOf, type OtherReply, type Route } from "../http/route";

type Schema = Route["reply"]["schema"];
type Part = Readonly<Record<string, unknown>>;

const PROBLEM_TYPE = "application/problem+json";
/** Header fields of every reply. */
const USUAL_HEADERS: readonly ReplyHeaderName[] = ["Request-Id", "RateLimit-Policy"];
const PROBLEM_HEADERS: Readonly<Record<number, readonly ReplyHeaderName[]>> = {
  401: ["WWW-Authenticate"],
  415: ["Accept"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};
const TEXT_BODIES: Readonly<Record<string, string>> = {
  "application/x-ndjson": "One JSON value a line, sent as soon as it is there.",
  "text/csv":
    "A byte order mark, a header line, and a line for each (RFC 4180). A text in which a spreadsheet would see a formula has an apostrophe before it, also after `,` `;` tabs and line breaks.",
  "text/event-stream": "Server-sent events.",
};

/** The schema of a refusal (RFC 9457). */
export const Problem = {
  type: "object",
  description:
    "A refusal (RFC 9457). `type` is the address of a page that explains it. A problem may have further members.",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string", description: "For people: what was refused here, and why." },
    code: { type: "string", enum: Object.keys(problems), description: "For programs." },
    request_id: { type: "string", format: "uuid", description: "Names the request in the log." },
    errors: {
      type: "array",
      maxItems: MAX_FAULTS,
      description: "All faults of the body.",
      items: {
        type: "object",
        required: ["pointer", "detail"],
        additionalProperties: false,
        properties: {
          pointer: {
            type: "string",
            description: "Where: a JSON Pointer in URI-fragment form (RFC 6901 §6).",
            examples: ["#/items/3/email"],
          },
          line: {
            type: "integer",
            minimum: 1,
            description: "Of NDJSON and CSV: the line where the item begins.",
          },
          detail: { type: "string" },
        },
      },
    },
  },
} as const;

/** All replies of a route by status, problems included. */
export function repliesOf(route: DocumentedRoute, schemas: ConvertedSchemas): Part {
  const { status, headers = [] } = route.reply;
  const usual: OtherReply = { status, hasBody: true, headers };
  const forms = route.form === undefined ? [] : [ACCEPTED_FORM];
  const replies = [usual, ...(route.otherReplies ?? []), ...forms].map(
    (reply) => [reply.status, toReply(route, reply, schemas)] as const,
  );
  return Object.fromEntries([...replies, ...problemReplies(route, schemas)]);
}

function toReply(route: DocumentedRoute, reply: OtherReply, schemas: ConvertedSchemas): Part {
  const headers: ReplyHeaderName[] = [...(reply.headers ?? []), ...timesAndReplays(route)];
  const { schema = route.reply.schema } = reply;
  const hasBody = reply.hasBody === true && schema.type !== "undefined";
  return {
    description: descriptionOf(route, reply.status),
    headers: refsTo(headers),
    ...(hasBody && { content: contentOf(route, reply.status, schema, schemas) }),
  };
}

function descriptionOf({ operationId, reply, replies }: DocumentedRoute, status: number): string {
  const description =
    replies?.[status] ??
    (status === ACCEPTED_FORM.status ? ACCEPTED_FORM_DESCRIPTION : undefined) ??
    (status === reply.status ? "Done." : undefined);
  if (description !== undefined) return description;
  throw new Error(`The docs of ${operationId} do not say what a ${status} means`);
}

function contentOf(
  route: DocumentedRoute,
  status: number,
  schema: Schema,
  schemas: ConvertedSchemas,
): Part {
  const { mediaTypes = [] } = route.reply;
  const texts = mediaTypes.map((type) => {
    const text = { type: "string", description: TEXT_BODIES[type] };
    return [type, { schema: text, ...shownReplies(route, status, type) }] as const;
  });
  const shown = shownReplies(route, status, "application/json");
  const json = { schema: schemas.refTo(schema), ...shown };
  return Object.fromEntries(isJson(schema) ? [["application/json", json], ...texts] : texts);
}

/** Recorded bodies of the examples' replies; a new example has none until it is recorded. */
function shownReplies(
  { operationId, examples }: DocumentedRoute,
  status: number,
  mediaType: string,
): { examples?: Part } {
  return samples(examples, ({ name }) => {
    const reply = recordedReplies[operationId]?.[name];
    return reply?.status === status && reply.mediaType === mediaType ? reply.body : undefined;
  });
}

function problemReplies(route: DocumentedRoute, schemas: ConvertedSchemas): [number, Part][] {
  const codes = problemCodes(route);
  const statuses = [...new Set(codes.map((code) => problems[code].status))];
  return statuses.map((status) => [
    status,
    problemReply(
      route,
      status,
      codes.filter((code) => problems[code].status === status),
      schemas,
    ),
  ]);
}

/** Codes of all refusals of a route: those of its handler, and of every check before it. */
function problemCodes(route: Route): ProblemCode[] {
  const { body, params, keysIn } = route;
  const codes: [ProblemCode, boolean][] = [
    ["malformed-json", body !== undefined],
    [
      "malformed-request",
      route.isFile !== true ||
        route.query !== undefined ||
        route.problems.includes("precondition-failed"),
    ],
    ["unauthorized", true],
    ["origin-not-allowed", route.isForAnyOrigin !== true && route.access !== "link"],
    ["challenge-failed", endpointOf(route) !== undefined],
    ["not-found", params !== undefined],
    ["idempotency-in-progress", keysIn !== undefined],
    ["body-too-large", body !== undefined],
    ["unsupported-media-type", body !== undefined],
    ["invalid-body", body !== undefined],
    ["gone", keysIn !== undefined],
    ["idempotency-mismatch", keysIn !== undefined],
    ["rate-limited", true],
    ["quota-exceeded", route.admitsItself === true],
    ["internal", true],
    ["unavailable", true],
    ["loop-detected", route.callsOut === true],
  ];
  return [...codes.flatMap(([code, can]) => (can ? [code] : [])), ...route.problems];
}

function problemReply(
  route: DocumentedRoute,
  status: number,
  codes: readonly ProblemCode[],
  schemas: ConvertedSchemas,
): Part {
  const { problemMembers, keysIn } = route;
  const isOwn = codes.some((code) => route.problems.includes(code));
  const members = isOwn && problemMembers !== undefined ? schemas.objectOf(problemMembers) : {};
  const quota = codes.includes("quota-exceeded") ? { quota: { enum: BUDGET_NAMES } } : {};
  const schema = {
    allOf: [{ $ref: "#/components/schemas/Problem" }],
    properties: {
      status: { const: status },
      code: { enum: codes },
      ...quota,
      ...members.properties,
    },
    unevaluatedProperties: false,
  };
  const page = pageOf(route, isOwn);
  const headers: ReplyHeaderName[] = [
    ...(PROBLEM_HEADERS[status] ?? []),
    ...((status === 409 && keysIn !== undefined) || status === 503
      ? (["Retry-After"] as const)
      : []),
    ...timesAndReplays(route),
    ...(page === undefined ? [] : HTML_PAGE_HEADERS),
  ];
  const recorded = shownReplies(route, status, PROBLEM_TYPE);
  const examples = { ...recorded.examples, ...usualProblems(codes) };
  return {
    description: codes
      .map((code) => `\`${code}\`: ${problems[code].title}. ${explanations[code]}`)
      .join("\n\n"),
    headers: refsTo(headers),
    content: {
      [PROBLEM_TYPE]: { schema, examples },
      ...page,
    },
  };
}

/** An example of each of these refusals, with its explanation in place of its detail. */
function usualProblems(codes: readonly ProblemCode[]): Part {
  return Object.fromEntries(
    codes.map((code) => {
      const { title, status } = problems[code];
      const value = {
        type: `https://api.example.com/problems/${code}`,
        title,
        status,
        detail: explanations[code],
        code,
        request_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        ...(code === "quota-exceeded" && { quota: BUDGET_NAMES[0] }),
        ...(code === "invalid-body" && { errors: [{ pointer: "#/name", detail: "is missing" }] }),
      };
      return [code, { summary: title, value }];
    }),
  );
}

/** The content of a refusal that is a page for browsers; undefined where it is none. */
function pageOf({ form, access }: Route, isOwn: boolean): Part | undefined {
  if (form !== undefined) return REFUSED_FORM_CONTENT;
  return isOwn && access === "link" ? { "text/html": { schema: { type: "string" } } } : undefined;
}

/**
 * Header fields of every reply of some routes: with an Idempotency-Key, even a refusal may be a repeated
 * reply.
 */
function timesAndReplays(route: Route): ReplyHeaderName[] {
  const timed = endpointOf(route) === undefined ? [] : (["Server-Timing"] as const);
  const replayed = route.keysIn !== undefined ? (["Idempotency-Replayed"] as const) : [];
  return [...timed, ...replayed];
}

function refsTo(headers: readonly ReplyHeaderName[]): Part {
  const all = [...new Set([...headers, ...USUAL_HEADERS])];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
