// GET /process-data: every operation, with its parameters and an example.
import * as v from "valibot";
import { catalogue } from "../domain/operations";
import { defineRoute } from "../http/route";

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

export const listOperationsRoute = defineRoute({
  operationId: "listOperations",
  method: "GET",
  path: "/process-data",
  summary: "List the operations",
  access: "process-data",
  reply: {
    status: 200,
    schema: v.strictObject({ operations: v.array(Entry) }),
  },
  problems: [],
  examples: [
    {
      name: "excerpt",
      summary: "One of the operations (an excerpt)",
      reply: {
        body: {
          operations: [
            {
              name: "truncate",
              kind: "item",
              summary: "Text of at most `length` graphemes, the ellipsis included",
              parameters: { type: "object", required: ["length"] },
              example: {
                parameters: { length: 6 },
                input: ["Serentak", "short"],
                output: ["Seren…", "short"],
              },
            },
          ],
        },
        isExcerpt: true,
      },
    },
  ],
  handler: () => ({
    operations: catalogue().map(({ name, kind, summary, parameters, example }) => ({
      name,
      kind,
      summary,
      parameters: { ...parameters },
      example: { ...example, input: [...example.input] },
    })),
  }),
});
