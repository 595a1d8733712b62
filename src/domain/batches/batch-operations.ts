// Operations that a batch can run on its items, and the schemas by which items are validated before anything
// starts.
import type { Uses } from "../callers/budgets";
import * as v from "valibot";
import { anyArray, type AnyList } from "../../lib/any-array";
import { strictObject } from "../../lib/strict-object";
import { BatchOptions } from "./batch-options";
import { BatchLabel } from "./batch";
import { SummaryOperation } from "./output-summary";
import { Metadata } from "../records/metadata";
import { ChannelName } from "../notifications/channel-names";
import { faultsOf, type Fault } from "../errors";
import { CallRequest, Url } from "../calls/external-api";
import { isItemPipeline, Operation, type OperationSource } from "../operations";
import { CreateTask } from "../records/tasks";
import { CreateUser } from "../records/users";
import { MAX_BATCH_ITEMS, MAX_ITEM_CHARACTERS, MAX_NAMED_CHANNELS } from "../platform";

/** Endpoints that a batch can send each item to. */
export const ENDPOINT_OPERATIONS = ["users", "tasks", "external-api"] as const;
/** One of ENDPOINT_OPERATIONS. */
export type EndpointOperation = (typeof ENDPOINT_OPERATIONS)[number];

const ItemPipeline = v.pipe(
  Operation,
  v.check(isItemPipeline, "Only operations that take one item and give one"),
  v.transform(({ source }): OperationSource => source),
);
const EndpointName = v.picklist(ENDPOINT_OPERATIONS);
const documented = v.union([EndpointName, ItemPipeline]);

/** An endpoint of ENDPOINT_OPERATIONS, or a pipeline of item operations of /process-data. */
export const BatchOperation = v.lazy((input) => {
  // The converter to JSON Schema calls a lazy schema with `undefined`, which JSON never contains.
  if (input === undefined) return documented;
  // Chosen by form: a union would only report that no member fits, instead of the faults and their places.
  return isEndpointOperation(input) ? EndpointName : ItemPipeline;
});
export type BatchOperation = v.InferOutput<typeof BatchOperation>;

/** The body of POST /batch-process in JSON. Its items are validated one by one, for their operation. */
export const BatchRequest = strictObject({
  operation: BatchOperation,
  items: v.pipe(
    anyArray(),
    v.minLength(1),
    v.maxLength(MAX_BATCH_ITEMS),
    v.description(`Each of at most ${MAX_ITEM_CHARACTERS} characters as JSON.`),
    v.transform((items): AnyList => items),
  ),
  options: v.optional(BatchOptions, {}),
  label: v.exactOptional(BatchLabel),
  metadata: v.exactOptional(Metadata),
  then: v.exactOptional(SummaryOperation),
  notify: v.optional(
    v.pipe(
      v.array(ChannelName),
      v.maxLength(MAX_NAMED_CHANNELS),
      v.description("Channels that are told of the end."),
    ),
    [],
  ),
});

export type BatchRequest = v.InferOutput<typeof BatchRequest>;

/** True if the items of this operation are sent to an endpoint. */
export function isEndpointOperation(operation: unknown): operation is EndpointOperation {
  return ENDPOINT_OPERATIONS.some((name) => name === operation);
}

/** A call that waits for none: the items of a batch are run one by one, in any order. */
const LoneCall = v.pipe(
  CallRequest,
  v.forward(
    v.partialCheck(
      [["after"]],
      ({ after }) => after === undefined,
      "Items of a batch wait for none: leave `after` away",
    ),
    ["after"],
  ),
);

/** An item of an `external-api` batch: a URL alone, or a whole call. */
export const CallItem = v.lazy((item) =>
  typeof item === "string"
    ? v.pipe(
        Url,
        v.transform((url): CallRequest => ({ url, method: "GET", headers: {} })),
      )
    : LoneCall,
);

/** Schemas of the items of endpoint batches. */
const ITEM_SCHEMAS = {
  users: CreateUser,
  tasks: CreateTask,
  "external-api": CallItem,
} as const satisfies Record<EndpointOperation, v.GenericSchema>;

/** Fields of an item, by endpoint: these are the columns that a CSV file may have. */
export const ITEM_FIELDS = {
  users: CreateUser.entries,
  tasks: CreateTask.entries,
  "external-api": CallRequest.entries,
} as const satisfies Record<EndpointOperation, v.ObjectEntries>;

/** True if items of this operation create records. Their data is then stored in the records only, and removed from the batch. */
export function makesRecords(operation: unknown): boolean {
  return operation === "users" || operation === "tasks";
}

/** Amounts of a day's budgets that items use before they run; each call takes one request at least. */
export function usesOfItems(operation: unknown, items: number): Uses {
  return operation === "external-api" ? { items, calls: items } : { items };
}

/**
 * The faults of an item. Items of pipelines have none, since a pipeline takes any JSON.
 *
 * @param place JSON Pointer of the item
 */
export function itemFaults(operation: unknown, item: unknown, place: string): Fault[] {
  if (!isEndpointOperation(operation)) return [];
  const faults = faultsOf(v.safeParse(ITEM_SCHEMAS[operation], item));
  return faults.map(({ pointer, detail }) => ({ pointer: `${place}${pointer.slice(1)}`, detail }));
}
