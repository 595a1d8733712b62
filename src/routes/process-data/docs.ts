// Documentation of /process-data. A test runs each example.
import { MAX_FAILURES, MAX_PIPELINES } from "../../domain/operations/limits";
import type { Docs } from "../../http/route-docs";

/** Texts and examples by operation id. */
export const processDataDocs: Docs = {
  processData: {
    summary: "Run operations over a list",
    description: `\`operation\` runs one operation or pipeline over the items; \`operations\` runs up to ${MAX_PIPELINES} at once over the same items, each with its own outcome. Together they may do the work that one request may ask for; one for which too little is left is refused (\`too-large\`), as is one that cannot take more than ${MAX_FAILURES.toLocaleString("en")} items. \`GET /process-data\` lists the operations.`,
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
