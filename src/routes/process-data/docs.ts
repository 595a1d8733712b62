// What the documentation says of /process-data. Each example is run as a test.
import { MAX_FAILURES, MAX_PIPELINES } from "../../domain/operations/limits";
import type { Docs } from "../../http/route-docs";
import { problemExample } from "../problem-example";

export const processDataDocs: Docs = {
  processData: {
    summary: "Run operations over a list",
    description: `\`operation\` runs one operation or pipeline over the items; \`operations\` runs up to ${MAX_PIPELINES} at once over the same items, each with its own outcome and an equal share of the work that one request may ask for. One that takes more is refused (\`too-large\`), as is one that cannot take more than ${MAX_FAILURES.toLocaleString("en")} items. \`GET /process-data\` lists the operations.`,
    examples: [
      {
        name: "pipeline",
        summary: "One operation, or one after another",
        body: { items: ["  Ada ", "Grace"], operation: ["trim", "uppercase"] },
        reply: {
          body: {
            operation: ["trim", "uppercase"],
            original_count: 2,
            processed_items: ["ADA", "GRACE"],
            errors: [],
            duration_ms: 0.4,
          },
        },
      },
      {
        name: "several",
        summary: "Several operations at once over the same items",
        body: { items: [1, 2, 3.5], operations: ["sum", { name: "round", digits: 0 }] },
        reply: {
          body: {
            original_count: 3,
            results: [
              { operation: "sum", status: "fulfilled", value: 6.5, errors: [] },
              {
                operation: { name: "round", digits: 0 },
                status: "fulfilled",
                processed_items: [1, 2, 4],
                errors: [],
              },
            ],
            duration_ms: 0.6,
          },
        },
      },
      {
        name: "bad-item",
        summary: "An item that cannot be taken does not stop the others",
        body: { items: ["42", "many"], operation: "to_number" },
        reply: {
          body: {
            operation: "to_number",
            original_count: 2,
            processed_items: [42, null],
            errors: [{ index: 1, code: "invalid-value", detail: "Not a number" }],
            duration_ms: 0.3,
          },
        },
      },
      {
        name: "unknown-operation",
        summary: "A misspelt operation",
        body: { items: ["Ada"], operation: "uppercas" },
        reply: problemExample("invalid-body", "1 fault in the body; see errors.", {
          errors: [
            {
              pointer: "#/operation",
              detail: 'Unknown operation "uppercas": did you mean uppercase?',
            },
          ],
        }),
      },
    ],
  },
  listOperations: {
    summary: "List the operations",
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
  },
};
