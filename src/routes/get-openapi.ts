// GET /openapi.json: this API, described by the very routes that serve it.
import * as v from "valibot";
import { version } from "../../package.json";
import { createOpenApi } from "../http/openapi";
import { Reply, Text } from "../http/reply";
import { defineRoute, type Route } from "../http/route";
import { nouns } from "./nouns";

/** The route that describes these operations, and itself. */
export function createOpenApiRoute(operations: readonly Route[]): Route {
  // Made when it is first asked for, once an isolate.
  let document: string | undefined;
  const route: Route = defineRoute({
    operationId: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    summary: "Read this document",
    description: "OpenAPI 3.1. `/docs` shows it.",
    access: "open",
    reply: { status: 200, schema: v.record(v.string(), v.unknown()) },
    problems: [],
    examples: [
      {
        name: "document",
        summary: "This document (an excerpt)",
        reply: {
          body: { openapi: "3.1.1", info: { title: "Serentak", version } },
          isExcerpt: true,
        },
      },
    ],
    handler: () => {
      document ??= JSON.stringify(createOpenApi([...operations, route], nouns, version));
      return new Reply(new Text("application/json", document), {});
    },
  });
  return route;
}
