// What goes over the wire, derived from the routes' own schemas, so that it cannot drift from what
// the Worker takes and gives. Types only: nothing of the Worker ends up in the client.
import type * as v from "valibot";
import type { ListedRoute } from "../routes";
import type { createBatchRoute } from "../routes/batches/create-batch";
import type { createTaskRoute } from "../routes/tasks/create-task";
import type { createUserRoute } from "../routes/users/create-user";
import type { externalApiRoute } from "../routes/external-api/external-api";
import type { getBatchRoute } from "../routes/batches/get-batch";
import type { getBatchResultsRoute } from "../routes/batches/get-batch-results";
import type { listOperationsRoute } from "../routes/process-data/list-operations";
import type { listTasksRoute } from "../routes/tasks/list-tasks";
import type { listUsersRoute } from "../routes/users/list-users";
import type { problemsRoute } from "../routes/around/problems";
import type { processDataRoute } from "../routes/process-data/process-data";
import type { resendNotificationRoute } from "../routes/notifications/resend-notification";
import type { updateTaskRoute } from "../routes/tasks/update-task";
import type { updateUserRoute } from "../routes/users/update-user";

type Schema = v.GenericSchema;

/** What a caller may give: constant lists and objects too. */
type Given<T> = T extends object ? { readonly [Key in keyof T]: Given<T[Key]> } : T;
/** The same type without the names of the Worker's own, which the published types could not follow. */
type Plain<T> = T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
type Body<R extends { readonly body?: Schema | undefined }> = Given<
  v.InferInput<NonNullable<R["body"]>>
>;
/** What a query parameter may be given: as it is sent, a number, or a list of what is sent with commas. */
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

/** One fault in a request body; `pointer` is a JSON Pointer in URI-fragment form: `#/items/3/email`. */
export type Fault = { readonly pointer: string; readonly detail: string };
/** Why a request was refused. */
export type ProblemCode = v.InferOutput<NonNullable<(typeof problemsRoute)["params"]>>["code"];

/** Calls to make at once. */
export type ExternalApiRequest = Body<typeof externalApiRoute>;
/** The receipts of all calls, in request order. */
export type ExternalApiReply = Reply<typeof externalApiRoute>;
/** The receipt of one call. */
export type CallResult = ExternalApiReply["results"][number];
/** What the calls came to. */
export type CallSummary = Omit<ExternalApiReply, "policy" | "results">;

/** A name, a name with parameters, or a pipeline of these. */
export type Operation = NonNullable<Body<typeof processDataRoute>["operation"]>;
type ProcessReply = Reply<typeof processDataRoute>;
/** What one operation made of the items. */
export type Processed = Extract<ProcessReply, { operation: unknown }>;
/** What several operations made of the same items. */
export type ProcessedByEach = Extract<ProcessReply, { results: unknown }>;
/** An operation, its parameters as JSON Schema, and an example. */
export type OperationInfo = Reply<typeof listOperationsRoute>["operations"][number];

/** A sign-up. */
export type NewUser = Body<typeof createUserRoute>;
/** A merge patch: null removes. */
export type UserPatch = Body<typeof updateUserRoute>;
export type User = Reply<typeof createUserRoute>;
export type UserPage = Reply<typeof listUsersRoute>;
/** A user in a list: without the metadata. */
export type UserSummary = UserPage["users"][number];
/** Which page of users. */
export type UserQuery = Query<typeof listUsersRoute>;

/** A task to file. */
export type NewTask = Body<typeof createTaskRoute>;
/** A merge patch: null removes. */
export type TaskPatch = Body<typeof updateTaskRoute>;
export type Task = Reply<typeof createTaskRoute>;
export type TaskPage = Reply<typeof listTasksRoute>;
/** A task in a list: without description and notifications. */
export type TaskSummary = TaskPage["tasks"][number];
/** Which tasks, and which page of them. */
export type TaskQuery = Query<typeof listTasksRoute>;
/** One delivery to one channel. */
export type Notification = Reply<typeof resendNotificationRoute>;

type BatchRequest = NonNullable<Body<typeof createBatchRoute>>;
/** An endpoint whose single call an item is, or an operation on items. */
export type BatchOperation = BatchRequest["operation"];
/** What an item is, for the operations that are endpoints. */
export type BatchItems = {
  readonly users: NewUser;
  readonly tasks: NewTask;
  readonly "external-api": string | NonNullable<ExternalApiRequest["requests"]>[number];
};
/** How a batch is run. */
export type BatchOptions = NonNullable<BatchRequest["options"]>;
/** How far a batch is. */
export type Batch = Reply<typeof getBatchRoute>;
export type BatchResultPage = Reply<typeof getBatchResultsRoute>;
/** What became of one item. */
export type ItemResult = BatchResultPage["results"][number];

/** A part of a request under its name, where the route has it. */
type Part<Name extends string, Value> = [Value] extends [never]
  ? object
  : { readonly [Key in Name]: Value };
type Input<R extends ListedRoute> = Part<"body", Body<R>> &
  Part<"query", Query<R>> &
  Part<"params", Given<v.InferInput<NonNullable<R["params"]>>>>;

/** The routes that take and give JSON by method and path, the deployment's own among them. */
export type Routes = {
  [R in ListedRoute as Reply<R> extends string ? never : `${R["method"]} ${R["path"]}`]: {
    readonly input: Plain<Input<R>>;
    readonly reply: Reply<R>;
    /** Whether it takes an Idempotency-Key. */
    readonly isCreation: [NonNullable<R["keysIn"]>] extends [never] ? false : true;
  };
};
