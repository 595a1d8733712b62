// What a batch can do with its items, and how they are validated before anything starts.
import * as v from "valibot";
import { anyArray } from "../../lib/any-array";
import { strictObject } from "../../lib/strict-object";
import { BatchOptions } from "./batch";
import { ChannelName } from "../notifications/channel-names";
import { faultsOf, type Fault } from "../errors";
import { CallRequest, Url } from "../calls/external-api";
import {
  isItemPipeline,
  loadOperations,
  Operation,
  type OperationSource,
  type Pipeline,
} from "../operations";
import { CreateTask } from "../records/tasks";
import { CreateUser } from "../records/users";
import { MAX_BATCH_ITEMS, MAX_ITEM_CHARACTERS, MAX_NAMED_CHANNELS } from "../platform";

/** Endpoints whose single call an item can be. */
export const ENDPOINT_OPERATIONS = ["users", "tasks", "external-api"] as const;
export type EndpointOperation = (typeof ENDPOINT_OPERATIONS)[number];

const ItemPipeline = v.pipe(
  Operation,
  v.check(isItemPipeline, "Only operations that take one item and give one"),
  v.transform(({ source }): OperationSource => source),
);
const EndpointName = v.picklist(ENDPOINT_OPERATIONS);
const documented = v.union([EndpointName, ItemPipeline]);

/** Any endpoint above, or a pipeline of item operations of /process-data. */
// A union would only say that none of it fits; the schema that was meant says what is wrong, and where.
// The converter to JSON Schema asks with `undefined`.
export const BatchOperation = v.lazy((input) => {
  if (input === undefined) return documented;
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
  ),
  options: v.optional(BatchOptions, {}),
  notify: v.optional(
    v.pipe(
      v.array(ChannelName),
      v.maxLength(MAX_NAMED_CHANNELS),
      v.description("Channels that are told of the end."),
    ),
    [],
  ),
});

/** Whether an item is a call of an endpoint. */
export function isEndpointOperation(operation: unknown): operation is EndpointOperation {
  return ENDPOINT_OPERATIONS.some((name) => name === operation);
}

/** The pipeline of a stored operation. */
export async function pipelineOf(operation: unknown): Promise<Pipeline> {
  await loadOperations(operation);
  return v.parse(Operation, operation);
}

/** A call as a batch takes it: a URL alone, or a whole request. */
export const CallItem = v.lazy((item) =>
  typeof item === "string"
    ? v.pipe(
        Url,
        v.transform((url): CallRequest => ({ url, method: "GET", headers: {} })),
      )
    : CallRequest,
);

/** The schema of an item of an endpoint's batch. */
const ITEM_SCHEMAS = {
  users: CreateUser,
  tasks: CreateTask,
  "external-api": CallItem,
} as const satisfies Record<EndpointOperation, v.GenericSchema>;

/** The fields of an item where it is an object; of a call, those of a whole request. */
export const ITEM_FIELDS = {
  users: CreateUser.entries,
  tasks: CreateTask.entries,
  "external-api": CallRequest.entries,
} as const satisfies Record<EndpointOperation, v.ObjectEntries>;

/** What is wrong with an item; nothing for the items of pipelines, which take any JSON. */
export function itemFaults(operation: unknown, item: unknown, index: number): Fault[] {
  if (!isEndpointOperation(operation)) return [];
  return faultsOf(v.safeParse(ITEM_SCHEMAS[operation], item), ["items", index]);
}
