// Converts a route's input to OpenAPI: parameters, header fields and body.
import type { JsonSchema } from "@valibot/to-json-schema";
import { MAX_BODY_BYTES, MAX_LINES_BYTES } from "../domain/platform";
import type { RequestHeaderName } from "../http/header-names";
import type { Example } from "../http/route-docs";
import type { DocumentedRoute } from "./documented-routes";
import { requestHeaders } from "./openapi-headers";
import { formContent } from "./openapi-forms";
import type { ConvertedSchemas } from "./openapi-schemas";
import { endpointOf, type Route } from "../http/route";

type Part = Readonly<Record<string, unknown>>;

/** Bodies that a handler reads as a stream. */
const CSV_BODY =
  "RFC 4180, with any line ends; a byte order mark and a first line `sep=;` are read as such.";
const LINES_BODY = "One JSON value a line.";

/** Path parameters, query parameters and header fields. */
export function parametersOf(route: DocumentedRoute, schemas: ConvertedSchemas): Part[] {
  const { params, query, examples } = route;
  const inPath = params && schemas.objectOf(params);
  const inQuery = query && schemas.objectOf(query);
  return [
    ...fieldsOf(inPath, "path", examples, (example) => example.params),
    ...fieldsOf(inQuery, "query", examples, (example) => example.query),
    ...headersOf(route).map((name) => toHeader(name, examples)),
  ];
}

function toHeader(name: RequestHeaderName, examples: readonly Example[]): Part {
  const shown = samples(examples, ({ headers }) => headers?.[name]);
  return { name, in: "header", ...requestHeaders[name], ...shown };
}

function fieldsOf(
  object: JsonSchema | undefined,
  place: "path" | "query",
  examples: readonly Example[],
  valuesOf: (example: Example) => Readonly<Record<string, string>> | undefined,
): Part[] {
  return Object.entries(object?.properties ?? {}).map(([name, field]) => {
    const schema = typeof field === "boolean" ? {} : field;
    const shown = samples(examples, (example) => typed(valuesOf(example)?.[name], schema));
    return toField(name, place, schema, object?.required?.includes(name) === true, shown);
  });
}

function toField(
  name: string,
  place: "path" | "query",
  { description, ...schema }: JsonSchema,
  required: boolean,
  shown: { examples?: Part },
): Part {
  return {
    name,
    in: place,
    ...(required && { required }),
    ...(description !== undefined && { description }),
    // The values of a list are separated by commas in one parameter.
    ...(schema.type === "array" && { explode: false }),
    schema,
    ...shown,
  };
}

/** The value of a parameter that an example gives as text. */
function typed(text: string | undefined, { type }: JsonSchema): unknown {
  if (text === undefined) return undefined;
  if (type === "array") return text.split(",");
  return type === "integer" ? Number(text) : text;
}

/** Values of the examples that have one here, by the examples' names. */
export function samples(
  examples: readonly Example[],
  valueOf: (example: Example) => unknown,
): { examples?: Part } {
  const found = examples.flatMap((example) => {
    const value = valueOf(example);
    const { name, summary } = example;
    return value === undefined ? [] : [[name, { summary, value }] as const];
  });
  return found.length === 0 ? {} : { examples: Object.fromEntries(found) };
}

function headersOf(route: Route): RequestHeaderName[] {
  const { keysIn, problems, requestHeaders: own = [] } = route;
  const implied: [RequestHeaderName, boolean][] = [
    ["Idempotency-Key", keysIn !== undefined],
    ["If-Match", problems.includes("precondition-failed")],
    ["If-None-Match", problems.includes("precondition-failed")],
    ["Turnstile-Token", endpointOf(route) !== undefined],
  ];
  return [...implied.flatMap(([name, isTaken]) => (isTaken ? [name] : [])), ...own];
}

/** The body of a request in each of its media types. */
export function bodyOf(route: DocumentedRoute, schemas: ConvertedSchemas): Part | undefined {
  const { body, bodyTypes = ["application/json"], rawBodyTypes = [], examples } = route;
  if (body === undefined) return undefined;
  const schema = schemas.refTo(body);
  const { maxBodyBytes = MAX_BODY_BYTES } = route;
  const ofType = (mediaType: string) =>
    samples(examples, (example) =>
      (example.mediaType ?? "application/json") === mediaType ? example.body : undefined,
    );
  const json = bodyTypes.map((type) => [type, { schema, ...ofType(type) }] as const);
  const raw = rawBodyTypes.map((type) => {
    const description = type === "text/csv" ? CSV_BODY : LINES_BODY;
    const text = { type: "string", description, maxLength: MAX_LINES_BYTES };
    return [type, { schema: text, ...ofType(type) }] as const;
  });
  const forms = route.form === undefined ? [] : formContent(route.form, schemas.objectOf(body));
  return {
    required: true,
    description: `At most ${maxBodyBytes} bytes, in UTF-8${raw.length > 0 ? `; lines and CSV with a token ${MAX_LINES_BYTES}` : ""}.`,
    content: Object.fromEntries([...json, ...raw, ...forms]),
  };
}
