// Documentation of /process-data. A test runs each example.
import { MAX_FAILURES, MAX_PIPELINES } from "../../domain/operations/limits";
import type { FamilyName } from "../../domain/operations/registry";
import type { Docs } from "../../http/route-docs";

/** The use of each family. */
const USES: Readonly<Record<FamilyName, string>> = {
  text: "case, spaces, order and length of texts, by grapheme and language",
  identifiers: "words as programs write names",
  layout: "cut, fill, split, literal replacement",
  encoding: "texts in base64, hexadecimal or percent-encoding, and back",
  markup: "HTML: characters and tags",
  hash: "digests, signatures, identifiers",
  data: "JSON, CSV, fields, JMESPath, numbers",
  extract: "e-mail addresses, URLs and numbers that stand in a text",
  dates: "read, write, add, compare; IANA zones, Unicode patterns",
  patterns: "regular expressions in RE2's syntax, in linear time",
  templates: "Mustache, filled with each item",
  urls: "addresses and queries taken apart",
  numbers: "amounts as people of a language write them",
  validation: "is it an address, a date, does it fit a JSON Schema?",
  list: "a list into another: without duplicates, sorted, filtered, in parts",
  summary: "a list into one value: sums, statistics, groups, a joined text",
};
const families = Object.entries(USES).map(([name, use]) => `- \`${name}\`: ${use}`);

/** Texts and examples by operation id. */
export const processDataDocs: Docs = {
  processData: {
    summary: "Run operations over a list",
    description: `\`operation\` runs one operation or pipeline over the items; \`operations\` runs up to ${MAX_PIPELINES} at once over the same items, each with its own outcome. Together they may do the work that one request may ask for; one for which too little is left is refused (\`too-large\`), as is one that cannot take more than ${MAX_FAILURES.toLocaleString("en")} items. \`GET /process-data\` lists the operations, and \`?q=remove duplicates\` finds those that do so.`,
    examples: [
      {
        name: "pipeline",
        summary: "One operation, or one after another",
        body: { items: ["  Ada ", "Grace"], operation: ["trim", "uppercase"] },
      },
      {
        name: "several",
        summary: "Several operations at once over the same items",
        body: { items: [1, 2, 3.5], operations: ["sum", { name: "round", digits: 0 }] },
      },
      {
        name: "bad-item",
        summary: "An item that cannot be taken does not stop the others",
        body: { items: ["42", "many"], operation: "to_number" },
      },
      {
        name: "unknown-operation",
        summary: "A misspelt operation",
        body: { items: ["Ada"], operation: "uppercas" },
        status: 422,
      },
    ],
  },
  listOperations: {
    summary: "List the operations",
    description: `Each with its parameters, an example and its price. \`?q=remove duplicates\` searches them by what they do, \`?kind=summary\` and \`?family=dates\` choose. The families:\n\n${families.join("\n")}`,
    examples: [
      {
        name: "excerpt",
        summary: "One of the operations (an excerpt)",
        excerpt:
          "{operations: operations[?name == 'truncate'], limits: limits, next_cursor: next_cursor}",
      },
    ],
  },
};
