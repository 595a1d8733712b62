// POST /process-data: runs one operation over a list, or several over the same list.
import * as v from "valibot";
import { invalidBody } from "../../domain/errors";
import {
  loadOperations,
  MAX_ITEMS,
  Operation,
  OperationError,
  OperationErrorCode,
  Operations,
  OperationSource,
  runAll,
  runPipeline,
} from "../../domain/operations";
import { defineRoute } from "../../http/route";
import { anyArray } from "../../lib/any-array";
import { strictObject } from "../../lib/strict-object";
import { createRunOptions } from "../../runtime/run-options";

const ProcessDataRequest = v.pipe(
  strictObject({
    items: v.pipe(anyArray(), v.minLength(1), v.maxLength(MAX_ITEMS)),
    operation: v.optional(Operation),
    operations: v.optional(Operations),
  }),
  v.partialCheck(
    [["operation"], ["operations"]],
    ({ operation, operations }) => (operation === undefined) !== (operations === undefined),
    "Give either operation or operations",
  ),
  v.metadata({
    alsoInSchema: { oneOf: [{ required: ["operation"] }, { required: ["operations"] }] },
  }),
);

const Failures = v.pipe(
  v.array(strictObject({ index: v.number(), code: OperationErrorCode, detail: v.string() })),
  v.description(
    "Items that an operation could not take, by their index in the request; null stands in their place, also in a list that is sorted or filtered. A summary leaves them out.",
  ),
);
const Outcome = {
  processed_items: v.optional(v.array(v.unknown())),
  value: v.optional(v.unknown()),
  errors: Failures,
};
const Milliseconds = v.pipe(v.number(), v.minValue(0));

const OneReply = strictObject({
  operation: OperationSource,
  original_count: v.number(),
  ...Outcome,
  duration_ms: Milliseconds,
});

const ManyReply = strictObject({
  original_count: v.number(),
  results: v.array(
    v.variant("status", [
      strictObject({ operation: OperationSource, status: v.literal("fulfilled"), ...Outcome }),
      strictObject({
        operation: OperationSource,
        status: v.literal("rejected"),
        error: strictObject({ code: OperationErrorCode, detail: v.string() }),
      }),
    ]),
  ),
  duration_ms: Milliseconds,
});

/** Runs the operations within one request; a batch has larger limits. */
export const processDataRoute = defineRoute({
  operationId: "processData",
  method: "POST",
  path: "/process-data",
  access: "process-data",
  body: ProcessDataRequest,
  prepareBody: (body) => loadNamed(Object(body)),
  reply: { status: 200, schema: v.union([OneReply, ManyReply]) },
  problems: [],
  handler: async ({ body: { items, operation, operations = [] } }, { env }) => {
    const startedAt = performance.now();
    const timing = () => ({ duration_ms: Math.round((performance.now() - startedAt) * 10) / 10 });
    const original_count = items.length;
    const options = createRunOptions(env);
    if (operation === undefined) {
      const results = await runAll(operations, items, options);
      return { original_count, results, ...timing() };
    }
    const outcome = await runPipeline(operation, items, options).catch(refuse);
    return { operation: operation.source, original_count, ...outcome, ...timing() };
  },
});

function loadNamed(body: Readonly<Record<string, unknown>>): Promise<void> | undefined {
  const { operation, operations } = body;
  return loadOperations(operation) ?? loadOperations(operations);
}

/** With a single operation, its failure refuses the whole request. */
function refuse(error: unknown): never {
  if (!(error instanceof OperationError)) throw error;
  throw invalidBody([{ pointer: "#/operation", detail: error.message }]);
}
