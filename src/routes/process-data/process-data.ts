// POST /process-data: runs one operation over a list, or several over the same list.
import * as v from "valibot";
import { invalidBody } from "../../domain/errors";
import {
  HeldError,
  loadOperations,
  MAX_ITEMS,
  Operation,
  OperationError,
  OperationErrorCode,
  Operations,
  OperationSource,
  type Outcome as PipelineOutcome,
  type Pipeline,
  ReplyJson,
  runAll,
  runPipeline,
  type RunOptions,
  type Start,
} from "../../domain/operations";
import { defineRoute } from "../../http/route";
import { anyArray } from "../../lib/any-array";
import { after } from "../../lib/after";
import { isJsonLonger } from "../../lib/is-json-longer";
import { strictObject } from "../../lib/strict-object";
import { createRunOptions } from "../../runtime/run-options";
import { replyOf, toBytes } from "./written-reply";

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
    "Items that an operation could not take, by their index in the request. Each is null from then on, in its place, unless a list operation of the pipeline says that failed items come last or are left out; summaries leave them out.",
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

type Answer = v.InferOutput<typeof OneReply> | ReturnType<typeof replyOf>;

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
  handler: ({ body: { items, operation, operations = [] } }, { env }) => {
    const startedAt = performance.now();
    if (operation === undefined)
      return writeEach(operations, items, createRunOptions(env), startedAt).then(replyOf);
    const named = { operation: operation.source, original_count: items.length };
    const write = (outcome?: PipelineOutcome) =>
      writeOne(operation, items, createRunOptions(env), { named, outcome, startedAt }).then(
        replyOf,
        refuse,
      );
    const isMadeLast = operation.steps.at(-1)?.kind === "item";
    const options = createRunOptions(env, isMadeLast ? SHORT_HELD_BYTES : undefined);
    const runShort = () =>
      after(runPipeline(operation, items, options), (outcome): Answer | Promise<Answer> =>
        isJsonLonger(outcome, SHORT_CHARS)
          ? write(outcome)
          : { ...named, ...outcome, duration_ms: msSince(startedAt) },
      );
    // What is written as it is made is not held.
    const recover = (error: unknown) =>
      isMadeLast && error instanceof HeldError ? write() : refuse(error);
    // Nearly all are short, and written at once.
    return isJsonLonger(items, SHORT_CHARS) ? write() : orElse(runShort, recover);
  },
});

/** Characters of items and of an outcome that are written at once: even escaped they are far below all bounds. */
const SHORT_CHARS = 512 * 1024;
/** Bytes that a step holds at most before its outputs are written as they are made. */
const SHORT_HELD_BYTES = 2 * 1024 * 1024;

function loadNamed(body: Readonly<Record<string, unknown>>): Promise<void> | undefined {
  const { operation, operations } = body;
  // Both, where both are given: only with its operations loaded can a body be refused.
  return loadOperations(operations === undefined ? operation : [operation, operations]);
}

/** Milliseconds since then, to a tenth. */
function msSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}

/** The reply to one operation, whose result is written as it is made, unless it is there already. */
function writeOne(
  operation: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
  done: {
    readonly named: object;
    readonly outcome: PipelineOutcome | undefined;
    readonly startedAt: number;
  },
): Promise<Uint8Array[]> {
  const { named, outcome, startedAt } = done;
  const start: Start = async (write) => outcome ?? runPipeline(operation, items, options, write);
  return new ReplyJson().write(named, start, () => ({ duration_ms: msSince(startedAt) }));
}

/** Bytes of a reply to several operations around their results, at most. */
const AROUND_BYTES = 100;
/** Bytes at most of the result of an operation that is rejected. */
const refusalBytes = (operation: OperationSource) =>
  toBytes(JSON.stringify(operation)).length + 500;

/** The reply to several operations, whose results are written as they are made. */
async function writeEach(
  operations: readonly Pipeline[],
  items: readonly unknown[],
  options: RunOptions,
  startedAt: number,
): Promise<Uint8Array[]> {
  const json = new ReplyJson();
  // Each may be rejected in the end: only what runs takes the room of its own refusal.
  json.bytesLeft -= AROUND_BYTES;
  for (const { source } of operations) json.bytesLeft -= refusalBytes(source);
  const results = await runAll(operations, items, options, async (start, operation) => {
    const room = refusalBytes(operation);
    json.bytesLeft += room;
    try {
      return await json.write({ operation, status: "fulfilled" }, start);
    } catch (error) {
      json.bytesLeft -= room;
      throw error;
    }
  });
  const comma = toBytes(",");
  const parts = results.flatMap((result) =>
    result.status === "fulfilled"
      ? [comma].concat(result.made)
      : [comma, toBytes(JSON.stringify(result))],
  );
  const head = `{"original_count":${items.length},"results":[`;
  const tail = `],"duration_ms":${msSince(startedAt)}}`;
  return [toBytes(head), ...parts.slice(1), toBytes(tail)];
}

/** Runs something, and something else once that fails. */
function orElse<Result, Other>(
  run: () => Result | Promise<Result>,
  recover: (error: unknown) => Other | Promise<Other>,
): Result | Other | Promise<Result | Other> {
  try {
    const result = run();
    return result instanceof Promise ? result.catch(recover) : result;
  } catch (error) {
    return recover(error);
  }
}

/** Refuses the whole request for a failure of its single operation. */
function refuse(error: unknown): never {
  if (!(error instanceof OperationError)) throw error;
  throw invalidBody([{ pointer: "#/operation", detail: error.message }]);
}
