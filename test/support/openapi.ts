// Holds replies against the OpenAPI document: a status, header, media type or field that it does not
// name fails the test that got it.
import { dereference, validate, type Schema } from "@cfworker/json-schema";
import * as v from "valibot";
import { createOpenApi } from "../../src/reference/openapi";
import { documentedRoutes } from "../../src/reference/documented-routes";
import { nouns } from "../../src/reference/nouns";

/** The document of all routes. */
export const openApi = createOpenApi(documentedRoutes, nouns, "0.0.0");

/** On every reply, as the document's own description says. */
const CONVENTIONAL_HEADERS = new Set([
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "content-type",
  "vary",
  "x-content-type-options",
]);

const JsonSchema = v.record(v.string(), v.unknown());
const HeaderRef = v.object({ $ref: v.string() });
const Header = v.object({ schema: JsonSchema, required: v.boolean() });
const Body = v.object({ content: v.record(v.string(), v.object({ schema: JsonSchema })) });
const Operation = v.object({
  requestBody: v.optional(Body),
  responses: v.record(
    v.string(),
    v.object({
      headers: v.optional(v.record(v.string(), HeaderRef), {}),
      content: v.optional(v.record(v.string(), v.object({ schema: JsonSchema })), {}),
    }),
  ),
});
type Reply = v.InferOutput<typeof Operation>["responses"][string];

const BASE = new URL("https://api.example/openapi.json");
const lookup: Record<string, Schema | boolean> = Object.create(null);
for (const [kind, group] of Object.entries(openApi.components)) {
  for (const [name, component] of Object.entries(group)) {
    dereference(v.parse(JsonSchema, component), lookup, BASE, `/components/${kind}/${name}`);
  }
}

const headers = new Map(
  Object.entries(openApi.components["headers"] ?? {}).map(([name, header]) => [
    name,
    v.parse(Header, header),
  ]),
);

const operations = Object.entries(openApi.paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${template}`,
    method: method.toUpperCase(),
    template,
    path: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    operation: v.parse(Operation, operation),
  })),
);

/**
 * Checks a reply, whose body stays unread.
 *
 * @throws Error that says what is not as documented
 */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const { pathname } = new URL(request.url);
  // A path without a template goes before one with (OpenAPI 3.1 §4.8.8.2).
  const isConcrete = pathname in openApi.paths;
  const operation = operations.find(
    ({ template, path, ...entry }) =>
      entry.method === method && (isConcrete ? template === pathname : path.test(pathname)),
  );
  // Other methods and paths are not operations; their refusals have tests of their own.
  if (operation === undefined) return;
  const where = `${operation.name} → ${response.status}`;
  const reply = operation.operation.responses[response.status];
  if (reply === undefined) throw new Error(`${where}: status is not documented`);
  checkHeaders(where, reply, response.headers);
  await checkBody(where, reply, response, request.method === "HEAD");
}

function checkHeaders(where: string, reply: Reply, sent: Headers): void {
  const names = Object.keys(reply.headers);
  const known = new Set(names.map((name) => name.toLowerCase()));
  for (const [name] of sent) {
    if (!known.has(name) && !CONVENTIONAL_HEADERS.has(name)) {
      throw new Error(`${where}: header ${name} is not documented`);
    }
  }
  for (const name of names) {
    const header = headers.get(name);
    if (header === undefined) throw new Error(`${where}: header ${name} has no component`);
    const value = sent.get(name);
    if (value !== null) checkValue(`header ${name}`, value, header.schema);
    else if (header.required) throw new Error(`${where}: header ${name} is missing`);
  }
}

async function checkBody(
  where: string,
  { content }: Reply,
  response: Response,
  isHead: boolean,
): Promise<void> {
  const mediaType = response.headers.get("Content-Type")?.split(";")[0];
  if (mediaType === undefined) {
    if (Object.keys(content).length > 0) throw new Error(`${where}: the body is missing`);
    return;
  }
  const media = content[mediaType];
  if (media === undefined) throw new Error(`${where}: ${mediaType} is not documented`);
  // Streams are left alone: reading them here would change what their tests look at.
  if (isHead || !/^application\/(?:problem\+)?json$/.test(mediaType)) return;
  checkValue(`${where}: body`, await response.clone().json(), media.schema);
}

function checkValue(where: string, value: unknown, schema: Schema): void {
  // The same schema object is looked at only once.
  dereference(schema, lookup, BASE, `/checked/${where}`);
  const { valid, errors } = validate(value, schema, "2020-12", lookup, false);
  if (valid) return;
  const faults = errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
  throw new Error(`${where} is not as documented:\n${faults.join("\n")}`);
}

/** Whether the document lets a request have this JSON body; true where it says nothing of one. */
export function mayHaveBody(method: string, path: string, body: unknown): boolean {
  const operation = operations.find((entry) => entry.method === method && entry.path.test(path));
  const media = operation?.operation.requestBody?.content["application/json"];
  if (operation === undefined || media === undefined) return true;
  dereference(media.schema, lookup, BASE, `/checked/${operation.name}: request`);
  return validate(body, media.schema, "2020-12", lookup, true).valid;
}

/** Whether a value fits the schema that has this name in the document. */
export function fitsSchema(name: string, value: unknown): boolean {
  const schema = lookup[`${BASE.href}#/components/schemas/${name}`];
  if (schema === undefined) throw new Error(`The document has no schema ${name}`);
  return validate(value, schema, "2020-12", lookup, false).valid;
}
