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
    return operation === undefined
      ? writeEach(operations, items, createRunOptions(env), startedAt).then(replyOf)
      : answerOne({ operation, items, env, startedAt });
  },
});

/** A request for one operation. */
interface Asked {
  readonly operation: Pipeline;
  readonly items: readonly unknown[];
  readonly env: Parameters<typeof createRunOptions>[0];
  readonly startedAt: number;
}

function answerOne(asked: Asked): Answer | Promise<Answer> {
  const { operation, items, env } = asked;
  // Nearly all are short, and written at once.
  if (isJsonLonger(items, SHORT_CHARS)) return write(asked);
  const options = createRunOptions(env, isMadeLast(operation) ? SHORT_HELD_BYTES : undefined);
  try {
    const running = runPipeline(operation, items, options);
    return running instanceof Promise
      ? running
          .then((outcome) => answerWith(asked, outcome))
          .catch((error: unknown) => recover(asked, error))
      : answerWith(asked, running);
  } catch (error) {
    return recover(asked, error);
  }
}

function answerWith(asked: Asked, outcome: PipelineOutcome): Answer | Promise<Answer> {
  if (isJsonLonger(outcome, SHORT_CHARS)) return write(asked, outcome);
  return { ...nameOf(asked), ...outcome, duration_ms: msSince(asked.startedAt) };
}

const nameOf = ({ operation, items }: Asked) => ({
  operation: operation.source,
  original_count: items.length,
});

/** True if the outputs of the last step can be written as they are made. */
const isMadeLast = ({ steps }: Pipeline) => steps.at(-1)?.kind === "item";

/** Writes outputs as they are made where they are too much to be held, and refuses any other failure. */
function recover(asked: Asked, error: unknown): Promise<Answer> {
  return isMadeLast(asked.operation) && error instanceof HeldError ? write(asked) : refuse(error);
}

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
function write(asked: Asked, outcome?: PipelineOutcome): Promise<Answer> {
  const { operation, items, env, startedAt } = asked;
  const start: Start = async (each) =>
    outcome ?? runPipeline(operation, items, createRunOptions(env), each);
  return new ReplyJson()
    .write(nameOf(asked), start, () => ({ duration_ms: msSince(startedAt) }))
    .then(replyOf, refuse);
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

/** Refuses the whole request for a failure of its single operation. */
function refuse(error: unknown): never {
  if (!(error instanceof OperationError)) throw error;
  throw invalidBody([{ pointer: "#/operation", detail: error.message }]);
}
