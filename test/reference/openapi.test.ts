// The OpenAPI document against the routes it is made from, and against the contract's promises.
import * as v from "valibot";
import { describe, it } from "vitest";
import { ItemCode } from "../../src/domain/batches/item-code";
import { version } from "../../package.json";
import { createOpenApi } from "../../src/reference/openapi";
import { problems, type ProblemCode } from "../../src/http/problem";
import { loadRoutes } from "../../src/routes";
import { documentedRoutes } from "../../src/reference/documented-routes";
import { nouns } from "../../src/reference/nouns";
import { expectDocumented, openApi } from "../support/openapi";
import { ORIGIN, send } from "../support/worker";

const routes = await loadRoutes();

const Part = v.record(v.string(), v.unknown());
const Operation = v.looseObject({
  operationId: v.string(),
  parameters: v.optional(
    v.array(v.looseObject({ name: v.string(), in: v.string(), schema: Part })),
    [],
  ),
  requestBody: v.optional(v.looseObject({ content: v.record(v.string(), Part) })),
  responses: v.record(v.string(), v.looseObject({ description: v.string(), headers: Part })),
  security: v.array(Part),
});

const operations = new Map(
  Object.values(openApi.paths)
    .flatMap((methods) => Object.values(methods))
    .map((operation) => v.parse(Operation, operation))
    .map((operation) => [operation.operationId, operation]),
);

function operationOf(operationId: string): v.InferOutput<typeof Operation> {
  const operation = operations.get(operationId);
  if (operation === undefined) throw new Error(`${operationId} is not in the document`);
  return operation;
}

function bodyTypes(operationId: string): string[] {
  return Object.keys(operationOf(operationId).requestBody?.content ?? {});
}

function parameterNames(operationId: string, place: string): string[] {
  const { parameters } = operationOf(operationId);
  return parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
}

it("GET /openapi.json serves the document, with the package's version", async ({ expect }) => {
  const response = await send("/openapi.json");
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const served = JSON.parse(JSON.stringify(createOpenApi(documentedRoutes, nouns, version)));
  expect(await response.json()).toEqual(served);
});

it("The document lists the codes of items with what each means", ({ expect }) => {
  const { schemas = {} } = openApi.components;
  const { enum: codes, description } = v.parse(
    v.object({ enum: v.array(v.string()), description: v.string() }),
    Object(schemas)["ItemCode"],
  );
  expect(codes).toEqual(ItemCode.options);
  for (const code of codes) expect(description).toContain(`\`${code}\`: `);
});

it("The document has every route, once", ({ expect }) => {
  expect([...operations.keys()].sort()).toEqual(
    routes.map(({ operationId }) => operationId).sort(),
  );
});

describe.each(routes)("$operationId", (route) => {
  const operation = operationOf(route.operationId);

  it("needs a token where the route does", ({ expect }) => {
    const isOptional = operation.security.some((scheme) => Object.keys(scheme).length === 0);
    expect(isOptional).toBe(route.access !== "token");
  });

  it("tells of every refusal of the route", ({ expect }) => {
    const always: ProblemCode[] = [
      "unauthorized",
      ...(route.isForAnyOrigin === true || route.access === "link"
        ? []
        : ["origin-not-allowed" as const]),
      "rate-limited",
      "internal",
    ];
    for (const code of [...always, ...route.problems]) {
      expect(operation.responses[problems[code].status]?.description).toContain(`\`${code}\``);
    }
  });

  it("has the path's parameters", ({ expect }) => {
    const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(parameterNames(route.operationId, "path")).toEqual(names);
  });

  it("bounds all that a request may hold", ({ expect }) => {
    const bodies = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema);
    const schemas = [...operation.parameters.map(({ schema }) => schema), ...bodies];
    expect(schemas.flatMap((schema) => unbounded(schema, route.operationId))).toEqual([]);
  });
});

it("Numbers of a query are whole numbers with bounds and a default", ({ expect }) => {
  const { parameters } = operationOf("listUsers");
  expect(parameters.find(({ name }) => name === "limit")?.schema).toEqual({
    type: "integer",
    minimum: 1,
    maximum: 100,
    default: 50,
  });
});

it("Header fields stand where they are read", ({ expect }) => {
  expect(parameterNames("createUser", "header")).toEqual([
    "Idempotency-Key",
    "Turnstile-Token",
    "Prefer",
  ]);
  expect(parameterNames("updateTask", "header")).toEqual(["If-Match", "If-None-Match"]);
  expect(parameterNames("getBatch", "header")).toEqual(["If-Match", "If-None-Match"]);
  expect(parameterNames("getBatchEvents", "header")).toEqual(["Last-Event-ID"]);
  expect(parameterNames("createBatch", "header")).toContain("Prefer");
});

it("Bodies stand under all their media types", ({ expect }) => {
  expect(bodyTypes("updateUser")).toEqual(["application/json", "application/merge-patch+json"]);
  expect(bodyTypes("createBatch")).toEqual([
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "text/csv",
  ]);
});

it("Replies of creations name their header fields", ({ expect }) => {
  expect(Object.keys(operationOf("createUser").responses[201]?.headers ?? {})).toEqual([
    "Location",
    "ETag",
    "Server-Timing",
    "Idempotency-Replayed",
    "Request-Id",
    "RateLimit-Policy",
  ]);
});

const health = { status: "ok", version };
const usual = { "Request-Id": crypto.randomUUID() };
const check = (body: unknown, init: ResponseInit) =>
  expectDocumented(new Request(`${ORIGIN}/health`), Response.json(body, init));

describe("the check of every reply in these tests", () => {
  it("lets pass what is documented", async ({ expect }) => {
    await expect(check(health, { headers: usual })).resolves.toBeUndefined();
  });

  it.for<[fault: string, body: unknown, init: ResponseInit]>([
    ["status", health, { status: 203, headers: usual }],
    ["header", health, { headers: { ...usual, "X-Extra": "1" } }],
    ["lack of a header", health, {}],
    ["header's form", health, { headers: { "Request-Id": "1" } }],
    ["media type", health, { headers: { ...usual, "Content-Type": "text/plain" } }],
    ["field", { ...health, extra: 1 }, { headers: usual }],
    ["lack of a field", { status: "ok" }, { headers: usual }],
  ])("refuses another %s", async ([, body, init], { expect }) => {
    await expect(check(body, init)).rejects.toThrow(/GET \/health|Request-Id/);
  });
});

it("A request without bounds would be found", ({ expect }) => {
  expect(unbounded({ type: "array", items: { type: "string" } }, "x")).toEqual(["x", "x/items/0"]);
  expect(unbounded({ $ref: "#/components/schemas/User" }, "x")).not.toEqual([]);
});

const BOUNDED_FORMATS = ["uuid", "date-time"];

/** Pointers to the texts, lists and numbers in a schema that have no upper bound. */
function unbounded(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { $ref, ...own } = v.parse(Part, schema);
  if (typeof $ref === "string") {
    const name = $ref.split("/").at(-1) ?? "";
    return unbounded(openApi.components["schemas"]?.[name], name);
  }
  const inner = Object.entries(own).flatMap(([key, value]) => {
    if (["default", "enum", "examples", "const"].includes(key)) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((entry, at) => unbounded(entry, `${path}/${key}/${at}`));
  });
  return isBounded(own) ? inner : [path, ...inner];
}

function isBounded(schema: Readonly<Record<string, unknown>>): boolean {
  const { type, format, pattern } = schema;
  if ("enum" in schema || "const" in schema) return true;
  if (type === "array") return "maxItems" in schema;
  if (type === "integer" || type === "number") return "maximum" in schema;
  if (type !== "string" || "maxLength" in schema) return true;
  const hasBoundedPattern = typeof pattern === "string" && /\{\d*,?\d+\}\)?\$$/.test(pattern);
  return hasBoundedPattern || BOUNDED_FORMATS.some((name) => name === format);
}

it("names the schema that JSON Schema has no words for", ({ expect }) => {
  const route = documentedRoutes.find(({ operationId }) => operationId === "getHealth");
  const reply = { status: 200, schema: v.strictObject({ at: v.date() }) } as const;
  const withDate = route === undefined ? [] : [{ ...route, reply }];
  expect(() => createOpenApi(withDate, nouns, version)).toThrow(/^GetHealthReply: .*"date"/);
});
