// The public interface of the client: its methods and their options.
import type { BatchHandle, Batches } from "./batch-api";
import type {
  BatchItems,
  BatchLabels,
  BatchOperation,
  BatchOptions,
  CallResult,
  ConfirmationSent,
  CallSummary,
  ExternalApiReply,
  ExternalApiRequest,
  FileDialect,
  NewTask,
  NewUser,
  Notification,
  Operation,
  OperationInfo,
  Processed,
  ProcessedByEach,
  Channel,
  NotificationDetails,
  NotificationPage,
  NotificationQuery,
  Replay,
  ReplayedChannel,
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

/** The Worker's address, and how to reach it. */
export interface ClientOptions {
  /** Such as `https://api.example.com`; empty for the page's own origin. */
  readonly baseUrl: string;
  /** A bearer token. Never put one in a page: whoever reads the page has it. */
  readonly token?: string;
  /** Used in place of the platform's `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Gets a token from the Turnstile widget. A token is valid once, so it is asked for before each attempt. */
  readonly turnstileToken?: () => string | Promise<string>;
  /** Milliseconds that a call may wait between its attempts, all together: 90,000; 0 disables retries. */
  readonly maxRetryWaitMs?: number;
  /** `timeoutMs` of calls that name none; without it they wait as long as the network does. */
  readonly timeoutMs?: number;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, and its waiting between attempts: it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds that the call may take with all its attempts and waits; of a stream, until it opens.
   * Then it throws a `DOMException` named `TimeoutError`.
   */
  readonly timeoutMs?: number;
}

/** Options of following a batch. */
export interface FollowOptions extends CallOptions {
  /** Called with false when the connection is lost, and with true when it is found again. */
  readonly onConnection?: (isConnected: boolean) => void;
}

/** Options of calls that create something. */
export interface CreateOptions extends CallOptions {
  /**
   * An Idempotency-Key of 1 to 255 characters. Repeating the call with the same key, even after a reload,
   * creates nothing new.
   */
  readonly idempotencyKey?: string;
}

/** Options of a sign-up. */
export interface SignUpOptions extends CreateOptions {
  /**
   * Makes the call fail where the address looks misspelt, before anything is made: the problem has `reason`
   * `likely-typo` and a `suggestion`, so that the person can be asked. Otherwise the user has the suggestion.
   */
  readonly refuseTypos?: boolean;
}

/** Options of calls that change or delete a record. */
export interface ChangeOptions extends CallOptions {
  /** Makes the call fail with `precondition-failed` if the record is no longer of this version. */
  readonly ifVersion?: number;
}

/** Options of `externalApi`. */
export interface ExternalApiOptions extends CallOptions {
  /**
   * Receives each receipt as it arrives. The call then resolves with every receipt whatever the policy
   * is, instead of rejecting when too many failed; `any` still cancels the calls that are no longer
   * needed.
   */
  readonly onResult?: (result: CallResult) => void;
}

/** Items given as a list: whatever the operation takes. Above 10,000 they are sent as NDJSON. */
interface FromItems<Op> {
  readonly items: readonly (Op extends keyof BatchItems ? BatchItems[Op] : unknown)[];
}

/** Items given as a file. */
interface FromFile extends FileDialect {
  /** A `File` of an input element, a `Blob`, or the text itself. */
  readonly file: Blob | string;
  /** Format of the file; by default derived from its name or type, and else NDJSON. */
  readonly format?: "ndjson" | "csv";
}

/** A batch to start. `Op` is its operation, which decides what an item is. */
export type NewBatch<Op extends BatchOperation = BatchOperation> = {
  readonly operation: Op;
  readonly options?: BatchOptions;
  /** Channels that get the event of the batch's end. */
  readonly notify?: readonly string[];
  /** Summary operation, or a pipeline that ends in one, over the outputs: it gives `summary` at the end. */
  readonly then?: Operation;
} & BatchLabels &
  (FromItems<Op> | FromFile);

/** Format of a file that the Worker writes. */
export type FileFormat = "csv" | "ndjson";

/** People who signed up. All but `create` need a token. */
export interface Users {
  /** Signs somebody up, once (Idempotency-Key). Where the address must confirm it, the reply has no `id`. */
  create(user: NewUser, options?: SignUpOptions): Promise<User | ConfirmationSent>;
  get(id: string, options?: CallOptions): Promise<User>;
  /** Applies a merge patch: null removes a field. */
  update(id: string, patch: UserPatch, options?: ChangeOptions): Promise<User>;
  remove(id: string, options?: ChangeOptions): Promise<void>;
  page(query?: UserQuery, options?: CallOptions): Promise<UserPage>;
  /** All users that match the filter, newest first, fetched page by page. */
  list(
    filter?: Omit<UserQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<UserSummary, void>;
  /** Whole records that match the filter as a file, in pieces as they arrive. */
  download(
    format: FileFormat,
    filter?: Omit<UserQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<Uint8Array, void>;
}

/** Tasks. All but `create` need a token. */
export interface Tasks {
  /** Files a task. Retried with one Idempotency-Key, so a failing network creates no duplicate. */
  create(task: NewTask, options?: CreateOptions): Promise<Task>;
  /** The task with the current state of its notifications. */
  get(id: string, options?: CallOptions): Promise<Task>;
  /** Applies a merge patch: null removes a field. */
  update(id: string, patch: TaskPatch, options?: ChangeOptions): Promise<Task>;
  remove(id: string, options?: ChangeOptions): Promise<void>;
  page(query?: TaskQuery, options?: CallOptions): Promise<TaskPage>;
  /** All tasks that match the filter, newest first, fetched page by page. */
  list(
    filter?: Omit<TaskQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<TaskSummary, void>;
  /** Whole records that match the filter as a file, in pieces as they arrive. */
  download(
    format: FileFormat,
    filter?: Omit<TaskQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<Uint8Array, void>;
}

/** Deliveries of events to channels. All need a token. */
export interface Notifications {
  /** The delivery with each of its attempts. */
  get(id: string, options?: CallOptions): Promise<NotificationDetails>;
  page(query?: NotificationQuery, options?: CallOptions): Promise<NotificationPage>;
  /** All deliveries that match the filter, newest first, fetched page by page. */
  list(
    filter?: Omit<NotificationQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<Notification, void>;
  /** Delivers the event once more under the same id. */
  resend(id: string, options?: CallOptions): Promise<Notification>;
  /** Cancels a pending delivery. */
  cancel(id: string, options?: CallOptions): Promise<void>;
}

/** Channels of the configuration. All need a token. */
export interface Channels {
  list(options?: CallOptions): Promise<Channel[]>;
  /** Sends an event `channel.test`. */
  test(name: string, options?: CallOptions): Promise<Notification>;
  /** Sends again what failed, or was delivered or cancelled, since an instant. */
  replay(name: string, events: Replay, options?: CallOptions): Promise<ReplayedChannel>;
  pause(name: string, options?: CallOptions): Promise<Channel>;
  /** Ends a pause, and goes on with a channel that was disabled. */
  enable(name: string, options?: CallOptions): Promise<Channel>;
}

/** All methods of the client. Whatever the Worker refuses throws a `SerentakError`. */
export interface Client {
  /** Calls up to 20 APIs at once; one that fails does not fail the others. */
  externalApi(
    request: readonly string[] | ExternalApiRequest,
    options?: ExternalApiOptions,
  ): Promise<ExternalApiReply>;
  /** Calls up to 20 APIs at once and yields each receipt as it arrives; returns the summary. */
  streamExternalApi(
    request: readonly string[] | ExternalApiRequest,
    options?: CallOptions,
  ): AsyncGenerator<CallResult, CallSummary>;
  /** Runs one operation, or a pipeline, over up to 10,000 items. */
  processData(
    items: readonly unknown[],
    operation: Operation,
    options?: CallOptions,
  ): Promise<Processed>;
  /** Runs up to ten operations over the same items, each with an outcome of its own. */
  processDataByEach(
    items: readonly unknown[],
    operations: readonly Operation[],
    options?: CallOptions,
  ): Promise<ProcessedByEach>;
  /** The list of operations, with parameters and examples. */
  operations(options?: CallOptions): Promise<OperationInfo[]>;
  readonly users: Users;
  readonly tasks: Tasks;
  readonly channels: Channels;
  readonly notifications: Notifications;
  readonly batches: Batches;
  /**
   * Starts a batch of up to 10 MiB of items, or with a token 100 MiB as a file. Retried with one
   * Idempotency-Key, so a failing network starts no second batch.
   */
  batch<const Op extends BatchOperation>(
    batch: NewBatch<Op>,
    options?: CreateOptions,
  ): Promise<BatchHandle>;
  /** The handle of a batch that was started earlier or elsewhere. Sends no request yet. */
  batchById(id: string): BatchHandle;
  /**
   * Calls a route by its method and path, such as one of your own:
   * `request("POST /echo", { body: { text } })`. A POST is retried only if it takes an Idempotency-Key and
   * `idempotencyKey` is given.
   */
  request<Name extends keyof Routes>(
    route: Name,
    input: Routes[Name]["input"],
    options?: Routes[Name]["isCreation"] extends true ? CreateOptions : CallOptions,
  ): Promise<Routes[Name]["reply"]>;
}
