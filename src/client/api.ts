// The client as its users see it: what it can do, and what each call takes.
import type {
  Batch,
  BatchItems,
  BatchOperation,
  BatchOptions,
  CallResult,
  CallSummary,
  ExternalApiReply,
  ExternalApiRequest,
  ItemResult,
  NewTask,
  NewUser,
  Notification,
  Operation,
  OperationInfo,
  Processed,
  ProcessedByEach,
  Routes,
  Task,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskSummary,
  User,
  UserPage,
  UserPatch,
  UserQuery,
  UserSummary,
} from "./wire";

/** Where the Worker is, and how it is called. */
export interface ClientOptions {
  /** Such as `https://api.example.com`; empty for the page's own origin. */
  readonly baseUrl: string;
  /** A bearer token. Never put one in a page: whoever reads the page has it. */
  readonly token?: string;
  /** In place of the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Gets a token from the Turnstile widget. Each is good once, so it is asked before each attempt. */
  readonly turnstileToken?: () => string | Promise<string>;
  /** The most that one call may wait between its attempts, in milliseconds; 90,000 by default, 0 never repeats. */
  readonly maxRetryWaitMs?: number;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, and its waiting between attempts. */
  readonly signal?: AbortSignal;
}

/** What creations take. */
export interface CreateOptions extends CallOptions {
  /** 1 to 255 characters. A repeat with the same key, even after a reload, creates nothing new. */
  readonly idempotencyKey?: string;
}

/** What changes take. */
export interface ChangeOptions extends CallOptions {
  /** Refuses with `precondition-failed` where the record is no longer of this version. */
  readonly ifVersion?: number;
}

/** What a fan-out takes. */
export interface ExternalApiOptions extends CallOptions {
  /**
   * Is given each receipt as it arrives. The reply then holds every receipt whatever the policy: nothing
   * is refused, and `any` still cancels what is no longer needed.
   */
  readonly onResult?: (result: CallResult) => void;
}

/** A list of texts, records, or what else an operation takes; above 10,000 it is sent as NDJSON. */
interface FromItems<Op> {
  readonly items: readonly (Op extends keyof BatchItems ? BatchItems[Op] : unknown)[];
}

/** A file of items. */
interface FromFile {
  /** A `File` of an input element, a `Blob`, or the text itself. */
  readonly file: Blob | string;
  /** By default as the file's name or type says, and NDJSON where neither does. */
  readonly format?: "ndjson" | "csv";
}

/** A batch to start. `Op` is its operation, which decides what an item is. */
export type NewBatch<Op extends BatchOperation = BatchOperation> = {
  readonly operation: Op;
  readonly options?: BatchOptions;
  /** Channels that are told of the end. */
  readonly notify?: readonly string[];
} & (FromItems<Op> | FromFile);

/** A batch to follow and to steer. */
export interface BatchHandle {
  /** Whoever has it may read and steer the batch. */
  readonly id: string;
  status(options?: CallOptions): Promise<Batch>;
  /**
   * The batch each time it has changed, at most twice a second, until it is over: a cancelled one once
   * the items that were under way are in. A connection that breaks or falls silent is opened again where
   * it ended.
   */
  progress(options?: CallOptions): AsyncGenerator<Batch, void>;
  /** What became of each finished item, in input order; also while the batch runs. */
  results(
    options?: CallOptions & { readonly only?: ItemResult["status"] },
  ): AsyncGenerator<ItemResult, void>;
  /** The batch once it is over, with its final counts: `finished_at` is not null. */
  wait(options?: CallOptions): Promise<Batch>;
  /** Ends it for good; finished items keep their results. It is over once `finished_at` is not null. */
  cancel(options?: CallOptions): Promise<Batch>;
  pause(options?: CallOptions): Promise<Batch>;
  resume(options?: CallOptions): Promise<Batch>;
  /** Runs the failed items of a completed batch again. */
  retryFailed(options?: CallOptions): Promise<Batch>;
  /** Deletes it with its results. */
  remove(options?: CallOptions): Promise<void>;
}

/** People who signed up. All but `create` need a token. */
export interface Users {
  /** Signs somebody up. Repeated safely when the network fails. */
  create(user: NewUser, options?: CreateOptions): Promise<User>;
  get(id: string, options?: CallOptions): Promise<User>;
  /** A merge patch: null removes. */
  update(id: string, patch: UserPatch, options?: ChangeOptions): Promise<User>;
  remove(id: string, options?: ChangeOptions): Promise<void>;
  page(query?: UserQuery, options?: CallOptions): Promise<UserPage>;
  /** Everybody, the newest first, read page by page. */
  list(options?: CallOptions): AsyncGenerator<UserSummary, void>;
}

/** Tasks. All but `create` need a token. */
export interface Tasks {
  /** Files a task. Repeated safely when the network fails. */
  create(task: NewTask, options?: CreateOptions): Promise<Task>;
  /** With the live state of its notifications. */
  get(id: string, options?: CallOptions): Promise<Task>;
  /** A merge patch: null removes. */
  update(id: string, patch: TaskPatch, options?: ChangeOptions): Promise<Task>;
  remove(id: string, options?: ChangeOptions): Promise<void>;
  page(query?: TaskQuery, options?: CallOptions): Promise<TaskPage>;
  /** All tasks that fit, the newest first, read page by page. */
  list(
    filter?: Omit<TaskQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<TaskSummary, void>;
  /** Delivers one of the task's notifications once more. */
  resend(notificationId: string, options?: CallOptions): Promise<Notification>;
}

/** The five jobs. Everything that the Worker refuses throws a `SerentakError`. */
export interface Client {
  /** Calls up to 20 APIs at once; one that fails never fails the others. */
  externalApi(
    request: readonly string[] | ExternalApiRequest,
    options?: ExternalApiOptions,
  ): Promise<ExternalApiReply>;
  /** The same, receipt by receipt as they arrive; returns the summary. */
  streamExternalApi(
    request: readonly string[] | ExternalApiRequest,
    options?: CallOptions,
  ): AsyncGenerator<CallResult, CallSummary>;
  /** One operation, or pipeline, over up to 10,000 items. */
  processData(
    items: readonly unknown[],
    operation: Operation,
    options?: CallOptions,
  ): Promise<Processed>;
  /** Up to ten operations over the same items at once, each with its own outcome. */
  processDataByEach(
    items: readonly unknown[],
    operations: readonly Operation[],
    options?: CallOptions,
  ): Promise<ProcessedByEach>;
  /** The operations there are, with parameters and examples. */
  operations(options?: CallOptions): Promise<OperationInfo[]>;
  readonly users: Users;
  readonly tasks: Tasks;
  /** Starts a batch in the background: up to 10 MiB of items. Repeated safely when the network fails. */
  batch<const Op extends BatchOperation>(
    batch: NewBatch<Op>,
    options?: CreateOptions,
  ): Promise<BatchHandle>;
  /** The handle of a batch that was started earlier or elsewhere. Nothing is asked yet. */
  batchById(id: string): BatchHandle;
  /**
   * Calls a route by its method and path, such as one of your own: `request("POST /echo", { body: { text } })`.
   * A POST is repeated only as a creation with an `idempotencyKey`.
   */
  request<Name extends keyof Routes>(
    route: Name,
    input: Routes[Name]["input"],
    options?: Routes[Name]["isCreation"] extends true ? CreateOptions : CallOptions,
  ): Promise<Routes[Name]["reply"]>;
}
