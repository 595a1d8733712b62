// GET /openapi.json: the OpenAPI document, derived from the routes themselves.
import * as v from "valibot";
import { Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { readAsset } from "../../runtime/assets";

/** Sends the OpenAPI document. */
export const getOpenApiRoute = defineRoute({
  operationId: "getOpenApi",
  method: "GET",
  path: "/openapi.json",
  access: "open",
  isFile: true,
  reply: { status: 200, schema: v.record(v.string(), v.unknown()) },
  problems: [],
  handler: async (_, { env }) =>
    new Reply(new Text("application/json", await readAsset(env, "openapi.json")), {}),
});
