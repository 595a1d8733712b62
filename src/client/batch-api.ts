// The public interface of batches: the handle of one, and the list of all.
import type { CallOptions, FileFormat, FollowOptions } from "./api";
import type {
  Batch,
  BatchChange,
  BatchesQuery,
  BatchPage,
  BatchRemoval,
  BatchResultPage,
  ItemResult,
  ListedBatch,
  ResultFilter,
  ResultQuery,
  RetryChoice,
} from "./wire";

/** Handle of a batch, to follow and to steer it. */
export interface BatchHandle {
  /** Acts as a secret: whoever has the id may read and steer the batch. */
  readonly id: string;
  status(options?: CallOptions): Promise<Batch>;
  /**
   * Yields the batch each time it has changed, at most twice a second, until it is over. A cancelled
   * batch is over once the items that were under way have finished. A connection that breaks or falls
   * silent is reopened where it ended.
   */
  progress(options?: FollowOptions): AsyncGenerator<Batch, void>;
  /**
   * Results of the finished items, in input order, as one stream; also while the batch runs. A stream that
   * breaks off is read again from where it ended.
   */
  results(options?: CallOptions & ResultFilter): AsyncGenerator<ItemResult, void>;
  /** The results as a file, in pieces as they arrive. A connection that breaks ends it with an error. */
  download(
    format: FileFormat,
    options?: CallOptions & ResultFilter,
  ): AsyncGenerator<Uint8Array, void>;
  /** One page of the results. */
  resultsPage(query?: ResultQuery, options?: CallOptions): Promise<BatchResultPage>;
  /** Resolves with the final counts once the batch is over (`finished_at` is not null). */
  wait(options?: FollowOptions): Promise<Batch>;
  /** Cancels the batch; finished items keep their results. It is over once `finished_at` is not null. */
  cancel(options?: CallOptions): Promise<Batch>;
  pause(options?: CallOptions): Promise<Batch>;
  resume(options?: CallOptions): Promise<Batch>;
  /** Runs items again that failed or never ran, all or those chosen. */
  retry(choice?: RetryChoice, options?: CallOptions): Promise<Batch>;
  /** Changes options, also while it runs; null gives one its default again. */
  update(options: BatchChange, callOptions?: CallOptions): Promise<Batch>;
  /** Deletes the batch with its results. */
  remove(options?: CallOptions): Promise<void>;
}

/** The register of all batches. All need a token. */
export interface Batches {
  page(query?: BatchesQuery, options?: CallOptions): Promise<BatchPage>;
  /** All batches that match the filter, newest first, fetched page by page. */
  list(
    filter?: Omit<BatchesQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<ListedBatch, void>;
  /** Batches that match the filter as a file, in pieces as they arrive. */
  download(
    format: FileFormat,
    filter?: Omit<BatchesQuery, "limit" | "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<Uint8Array, void>;
  /** Deletes batches with their results, some hundreds at a time. Resolves with how many; repeat it until that is 0. */
  remove(batches: BatchRemoval, options?: CallOptions): Promise<number>;
}
