// GET /process-data: the catalogue of operations, with parameters, examples and prices, and a search in it.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { searchWords } from "../../lib/search-words";
import { FAMILY_NAMES, OperationSource } from "../../domain/operations";
import { listDigest, openPage } from "../../http/cursor";
import { ListQuery } from "../../http/list";
import { NextCursor } from "../../http/page";
import { type Columns, listFile, listReply, Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { readAsset } from "../../runtime/assets";

const KINDS = ["item", "list", "summary"] as const;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Price = v.strictObject({
  per_item: Count,
  per_character: v.pipe(
    Count,
    v.description(
      "For each UTF-16 code unit of a text. Any other item has those of its texts and names and 3 more for each, 3 for each list and object, and 12 for any other value.",
    ),
  ),
  metered: v.optional(v.pipe(v.string(), v.description("What is counted besides, as it runs."))),
});

const Entry = v.strictObject({
  name: v.string(),
  kind: v.pipe(
    v.picklist(KINDS),
    v.description(
      "item: one in, one out. list: list in, list out. summary: list in, one value out.",
    ),
  ),
  family: v.string(),
  summary: v.string(),
  parameters: v.pipe(v.record(v.string(), v.unknown()), v.description("JSON Schema.")),
  example: v.strictObject({
    operation: v.pipe(OperationSource, v.description("As it is sent.")),
    input: v.pipe(v.array(v.unknown()), v.description("The items that are sent.")),
    output: v.pipe(v.unknown(), v.description("The items that come back, or a summary's value.")),
  }),
  price: v.pipe(
    Price,
    v.description("The work of a step; refused before it starts where it is more than is left."),
  ),
  keywords: v.array(v.string()),
});
type Entry = v.InferOutput<typeof Entry>;

const OperationList = v.strictObject({
  operations: v.array(Entry),
  limits: v.pipe(
    v.strictObject({
      work: v.pipe(Count, v.description("What all steps of a request may cost together.")),
      items: Count,
      operations: Count,
      steps: Count,
      text_characters: v.pipe(Count, v.description("UTF-16 code units of a text that is made.")),
      list_entries: v.pipe(Count, v.description("Entries of a list between two steps.")),
      failures: v.pipe(Count, v.description("Items that an operation may fail to take.")),
      item_depth: v.pipe(Count, v.description("Levels of lists and objects in an item.")),
      item_bytes: v.pipe(Count, v.description("Memory of what is made of an item.")),
      held_bytes: v.pipe(
        Count,
        v.description("Memory of a step's items and of what it makes of them, together."),
      ),
      kept_bytes: v.pipe(
        Count,
        v.description(
          "Memory that several operations of a request keep, together: large items, long lists that a list or summary operation takes, and what it makes beside them. The first of them may keep more.",
        ),
      ),
      reply_bytes: v.pipe(Count, v.description("Bytes of the reply's JSON in UTF-8.")),
    }),
    v.description("What a request may hold and cost."),
  ),
  next_cursor: NextCursor,
});

const Search = v.object({
  limit: v.exactOptional(ListQuery.limit.pipe[0].wrapped),
  cursor: ListQuery.cursor,
  order: v.pipe(
    v.exactOptional(ListQuery.order.wrapped),
    v.description("From the first or the nearest on, unless `desc` is asked."),
  ),
  q: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(100, "too long"),
      v.description(
        "Words that stand in name, text, parameters or keywords, or begin words there.",
      ),
    ),
  ),
  family: v.optional(
    v.pipe(
      v.picklist(FAMILY_NAMES, `one of ${FAMILY_NAMES.join(", ")}`),
      v.description("Those of one family, such as `dates`."),
    ),
  ),
  kind: v.optional(
    v.pipe(v.picklist(KINDS, "item, list or summary"), v.description("Those of one kind.")),
  ),
});
type Search = v.InferOutput<typeof Search>;

const CSV_COLUMNS: Columns<Entry> = [
  "name",
  "kind",
  "family",
  "summary",
  "parameters",
  "example",
  "price",
  "keywords",
];

/** The place of a cursor: the name of the last operation of the page before. */
const PLACE = /^(\w+)$/;

/**
 * Sends the whole catalogue as the build made it, or what is found in it: in pages where a `limit` is given, or all as
 * CSV or NDJSON.
 */
export const listOperationsRoute = defineRoute({
  operationId: "listOperations",
  method: "GET",
  path: "/process-data",
  access: "process-data",
  query: Search,
  reply: listReply(OperationList),
  problems: [],
  handler: async ({ query }, context) => {
    const text = await readAsset(context.env, "operations.json");
    // Not validated, since our own build wrote it.
    const catalogue = () => JSON.parse(text) as v.InferOutput<typeof OperationList>;
    const file = listFile(context.request, "operations", CSV_COLUMNS, async function* () {
      yield search(catalogue().operations, query);
    });
    if (file !== null) return file;
    if (Object.keys(query).length === 0) return new Reply(new Text("application/json", text), {});
    const { operations, limits } = catalogue();
    const found = search(operations, query);
    const { limit = found.length, cursor, order = "asc", ...filters } = query;
    const list = await listDigest(context.route, order, filters);
    const { place, reply } = openPage(context, list, cursor, PLACE);
    const from = found.findIndex(({ name }) => name === place[0]) + 1;
    const page = found.slice(from, from + limit);
    const end = from + page.length === found.length ? undefined : page.at(-1);
    return reply({ operations: page, limits }, end?.name ?? null);
  },
});

/** The operations that fit, the nearest first. */
function search(operations: readonly Entry[], { q = "", family, kind, order }: Search): Entry[] {
  const fitting = operations.filter(
    (entry) => (family ?? entry.family) === entry.family && (kind ?? entry.kind) === entry.kind,
  );
  const found = q.trim() === "" ? fitting : searchWords(q, fitting, fieldsOf);
  return order === "desc" ? found.toReversed() : found;
}

function fieldsOf({ name, keywords, summary, family, parameters }: Entry): string[] {
  // Descriptions and names alone, without the other words of JSON Schema: nearly all have a `string`.
  const named = Object(parameters["properties"]);
  const told = JSON.stringify(named, ["description", "enum", ...Object.keys(named)]);
  return [name, keywords.join(" "), summary, family, told];
}
