// GET /process-data: the catalogue of operations, with parameters and examples.
import * as v from "valibot";
import { Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { readAsset } from "../../runtime/assets";

const Entry = v.strictObject({
  name: v.string(),
  kind: v.pipe(
    v.picklist(["item", "list", "summary"]),
    v.description(
      "item: one in, one out. list: list in, list out. summary: list in, one value out.",
    ),
  ),
  summary: v.string(),
  parameters: v.pipe(v.record(v.string(), v.unknown()), v.description("JSON Schema.")),
  example: v.looseObject({ input: v.array(v.unknown()), output: v.unknown() }),
});

/** Sends the catalogue as the build made it. */
export const listOperationsRoute = defineRoute({
  operationId: "listOperations",
  method: "GET",
  path: "/process-data",
  access: "process-data",
  reply: {
    status: 200,
    schema: v.strictObject({ operations: v.array(Entry) }),
  },
  problems: [],
  handler: async (_, { env }) =>
    new Reply(new Text("application/json", await readAsset(env, "operations.json")), {}),
});
