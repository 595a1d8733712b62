// Types of requests and replies, derived from the routes' own schemas so that they cannot drift from
// them. Only types: none of the Worker's code ends up in the client.
import type * as v from "valibot";
import type { ListedRoute } from "../routes";
import type { deleteBatchesRoute } from "../routes/batches/delete-batches";
import type { listBatchesRoute } from "../routes/batches/list-batches";
import type { createBatchRoute } from "../routes/batches/create-batch";
import type { createTaskRoute } from "../routes/tasks/create-task";
import type { createUserRoute } from "../routes/users/create-user";
import type { externalApiRoute } from "../routes/external-api/external-api";
import type { getBatchRoute } from "../routes/batches/get-batch";
import type { getBatchResultsRoute } from "../routes/batches/get-batch-results";
import type { getNotificationRoute } from "../routes/notifications/get-notification";
import type { listChannelsRoute } from "../routes/channels/list-channels";
import type { listNotificationsRoute } from "../routes/notifications/list-notifications";
import type { listOperationsRoute } from "../routes/process-data/list-operations";
import type { listTasksRoute } from "../routes/tasks/list-tasks";
import type { listUsersRoute } from "../routes/users/list-users";
import type { problemsRoute } from "../routes/around/problems";
import type { processDataRoute } from "../routes/process-data/process-data";
import type { replayChannelRoute } from "../routes/channels/replay-channel";
import type { resendNotificationRoute } from "../routes/notifications/resend-notification";
import type { steerBatchRoutes } from "../routes/batches/steer-batch";
import type { updateBatchRoute } from "../routes/batches/update-batch";
import type { updateTaskRoute } from "../routes/tasks/update-task";
import type { updateUserRoute } from "../routes/users/update-user";

type Schema = v.GenericSchema;

/** The readonly form of an input type, which also accepts constant lists and objects. */
type Given<T> = T extends object ? { readonly [Key in keyof T]: Given<T[Key]> } : T;
/**
 * The same type with every name expanded, since published declarations cannot refer to the Worker's own
 * types.
 */
type Plain<T> = T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
type Body<R extends { readonly body?: Schema | undefined }> = Given<
  v.InferInput<NonNullable<R["body"]>>
>;
/** Accepted values of a query parameter: its text, a number, or a list that is sent with commas. */
type Parameter<In, Out> =
  NonNullable<Out> extends readonly (infer One)[]
    ? One | readonly One[]
    : NonNullable<Out> extends number
      ? In | number
      : In;
type Parameters<In, Out> = {
  [Key in keyof In]?: Parameter<In[Key], Key extends keyof Out ? Out[Key] : never>;
};
type Query<R extends { readonly query?: Schema | undefined }> = Parameters<
  v.InferInput<NonNullable<R["query"]>>,
  v.InferOutput<NonNullable<R["query"]>>
>;
type Reply<R extends { readonly reply: { readonly schema: Schema } }> = Plain<
  v.InferOutput<R["reply"]["schema"]>
>;

/**
 * One fault in a request body; `pointer` is a JSON Pointer in URI-fragment form: `#/items/3/email`, and
 * `line` is where the item begins in a file.
 */
export type Fault = {
  readonly pointer: string;
  readonly line?: number;
  readonly detail: string;
};
/** Code of a refusal. */
export type ProblemCode = v.InferOutput<NonNullable<(typeof problemsRoute)["params"]>>["code"];

/** The body of POST /external-api. */
export type ExternalApiRequest = Body<typeof externalApiRoute>;
/** The reply of POST /external-api, with the receipts of all calls in request order. */
export type ExternalApiReply = Reply<typeof externalApiRoute>;
/** The receipt of one call. */
export type CallResult = ExternalApiReply["results"][number];
/** Counts of a fan-out's calls. */
export type CallSummary = Omit<ExternalApiReply, "policy" | "results">;

/** A name, a name with parameters, or a pipeline of these. */
export type Operation = NonNullable<Body<typeof processDataRoute>["operation"]>;
type ProcessReply = Reply<typeof processDataRoute>;
/** Result of one operation over the items. */
export type Processed = Extract<ProcessReply, { operation: unknown }>;
/** Results of several operations over the same items. */
export type ProcessedByEach = Extract<ProcessReply, { results: unknown }>;
/** An operation, its parameters as JSON Schema, and an example. */
export type OperationInfo = Reply<typeof listOperationsRoute>["operations"][number];

/** The body of a sign-up. */
export type NewUser = Body<typeof createUserRoute>;
/** Changes of a user, as a merge patch: null removes a field. */
export type UserPatch = Body<typeof updateUserRoute>;
/** A user. */
export type User = Reply<typeof createUserRoute>;
type OtherReply = NonNullable<
  NonNullable<(typeof createUserRoute)["otherReplies"]>[number]["schema"]
>;
/** The reply to a sign-up that its address must confirm: it has no `id`, whoever is registered. */
export type ConfirmationSent = Plain<v.InferOutput<OtherReply>>;
/** One page of the list of users. */
export type UserPage = Reply<typeof listUsersRoute>;
/** A user in a list: without the metadata. */
export type UserSummary = UserPage["users"][number];
/** Query of the list of users. */
export type UserQuery = Query<typeof listUsersRoute>;

/** The body that files a task. */
export type NewTask = Body<typeof createTaskRoute>;
/** Changes of a task, as a merge patch: null removes a field. */
export type TaskPatch = Body<typeof updateTaskRoute>;
/** A task. */
export type Task = Reply<typeof createTaskRoute>;
/** One page of the list of tasks. */
export type TaskPage = Reply<typeof listTasksRoute>;
/** A task in a list: without description and notifications. */
export type TaskSummary = TaskPage["tasks"][number];
/** Query of the list of tasks: filters and page. */
export type TaskQuery = Query<typeof listTasksRoute>;
/** A delivery of an event to one channel. */
export type Notification = Reply<typeof resendNotificationRoute>;
/** A delivery with its attempts and, where mails are only kept, the mail. */
export type NotificationDetails = Reply<typeof getNotificationRoute>;
/** One page of the list of notifications. */
export type NotificationPage = Reply<typeof listNotificationsRoute>;
/** Query of the list of notifications: filters and page. */
export type NotificationQuery = Query<typeof listNotificationsRoute>;
/** Events to send again to a channel. */
export type Replay = Body<typeof replayChannelRoute>;
/** Outcome of a replay. */
export type ReplayedChannel = Reply<typeof replayChannelRoute>;
/** A channel with its state. */
export type Channel = Reply<typeof listChannelsRoute>["channels"][number];

type BatchRequest = NonNullable<Body<typeof createBatchRoute>>;
/** The operation of a batch: an endpoint that each item is sent to, or operations of /process-data. */
export type BatchOperation = BatchRequest["operation"];
/** Types of the items of batches whose operation is an endpoint. */
export type BatchItems = {
  readonly users: NewUser;
  readonly tasks: NewTask;
  readonly "external-api": string | NonNullable<ExternalApiRequest["requests"]>[number];
};
/** Options of a batch: retries, concurrency and limits. */
export type BatchOptions = NonNullable<BatchRequest["options"]>;
/** Name and data that the owner gives a batch. */
export type BatchLabels = Pick<BatchRequest, "label" | "metadata">;
/** The form of a CSV file, and the call that each of its rows makes. */
export type FileDialect = Pick<Query<typeof createBatchRoute>, "delimiter" | "header" | "template">;
/** Options to change, as a merge patch. */
export type BatchChange = NonNullable<Body<typeof updateBatchRoute>["options"]>;
/** Items of a batch to be run again. */
export type RetryChoice = NonNullable<Body<(typeof steerBatchRoutes)[number]>>;
type ActionIn<Path> = Path extends `/batch-process/:id/${infer Action}` ? Action : never;
/** Something that may be done to a batch; the batch has a link to it while that is so. */
export type BatchAction = ActionIn<(typeof steerBatchRoutes)[number]["path"]>;
/** State of a batch: its status and counts. */
export type Batch = Reply<typeof getBatchRoute>;
/** One page of the list of batches. */
export type BatchPage = Reply<typeof listBatchesRoute>;
/** A batch in a list. Counts of one that runs may be some seconds old, in a long run some minutes. */
export type ListedBatch = BatchPage["batches"][number];
/** Query of the list of batches: filters and page. */
export type BatchesQuery = Query<typeof listBatchesRoute>;
/** Batches to delete: those in these states that were created before an instant. */
export type BatchRemoval = Required<Query<typeof deleteBatchesRoute>>;
/** One page of a batch's results. */
export type BatchResultPage = Reply<typeof getBatchResultsRoute>;
/** Query of a batch's results: filters and page. */
export type ResultQuery = Query<typeof getBatchResultsRoute>;
/** Query of all results of a batch. */
export type ResultFilter = Omit<ResultQuery, "limit" | "cursor">;
/** Result of one item of a batch. */
export type ItemResult = BatchResultPage["results"][number];

/** An object with the part under this name, or an empty one if the route does not take that part. */
type Part<Name extends string, Value> = [Value] extends [never]
  ? object
  : { readonly [Key in Name]: Value };
type Input<R extends ListedRoute> = Part<"body", Body<R>> &
  Part<"query", Query<R>> &
  Part<"params", Given<v.InferInput<NonNullable<R["params"]>>>>;

/** All routes with JSON input and output, by method and path, including those that the deployment added. */
export type Routes = {
  [R in ListedRoute as Reply<R> extends string ? never : `${R["method"]} ${R["path"]}`]: {
    readonly input: Plain<Input<R>>;
    readonly reply: Reply<R>;
    /** True if the route takes an Idempotency-Key. */
    readonly isCreation: [NonNullable<R["keysIn"]>] extends [never] ? false : true;
  };
};
