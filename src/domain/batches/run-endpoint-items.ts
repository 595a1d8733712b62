// Runs batch items that are sent to an endpoint, by the same functions as its single requests.
import * as v from "valibot";
import type { Clock } from "../../lib/clock";
import { mapConcurrently } from "../../lib/map-concurrently";
import { storable, type Attempt, type DueItem, type Made } from "../jobs/job";
import { Reporter } from "../jobs/reporter";
import { CreateTask, type Task } from "../records/tasks";
import type { SignedUp } from "../records/sign-up";
import { CreateUser } from "../records/users";
import { isEndpointOperation, type EndpointOperation } from "./batch-operations";
import { toAttempt } from "./item-failure";
import type { BatchWork } from "./job-record";
import { createCallRunner, type CallDeps } from "./run-call-item";

/** Attempts an item; null means that the invocation's requests are used up, and the item stays due. */
type RunItem = (due: DueItem) => Promise<Attempt | null>;

/** Functions of the endpoints, and the report to the job. */
export interface EndpointDeps {
  readonly clock: Clock;
  readonly calls: CallDeps;
  /**
   * The id of the record that an item creates, the same at each attempt, so that a repeat creates no
   * duplicate.
   */
  readonly itemId: (index: number) => Promise<string>;
  readonly signUp: (body: CreateUser, id: string) => Promise<SignedUp>;
  readonly fileTask: (body: CreateTask, id: string) => Promise<Task>;
  /** Reports attempts, each once; resolves with false if no further item may be started. */
  readonly report: (made: Made) => Promise<boolean>;
}

/**
 * Attempts items of an endpoint, as many at once as the batch's `concurrency`, until a report says to stop.
 * Rejects only if a report does.
 *
 * @returns the attempts that were not reported
 */
export async function runEndpointItems(
  work: BatchWork,
  due: readonly DueItem[],
  deps: EndpointDeps,
): Promise<Made> {
  if (!isEndpointOperation(work.operation)) throw new TypeError("Not an operation of an endpoint");
  const run = RUNNERS[work.operation](work, deps);
  const reporter = new Reporter(deps.report, deps.clock);
  await mapConcurrently(due, work.options.concurrency, async (item) => {
    const attempt = (await reporter.isWanted()) ? await attemptItem(run, item) : null;
    if (attempt !== null) reporter.note(item.index, attempt);
  });
  return reporter.end();
}

async function attemptItem(run: RunItem, item: DueItem): Promise<Attempt | null> {
  try {
    const attempt = await run(item);
    return attempt && storable(attempt);
  } catch (error) {
    return toAttempt(error, item.index);
  }
}

// Of a record the result is its id: what it holds is the table's, and is erased there.
const RUNNERS: Record<EndpointOperation, (work: BatchWork, deps: EndpointDeps) => RunItem> = {
  users:
    (_, { itemId, signUp }) =>
    async ({ index, item }) => {
      const made = await signUp(v.parse(CreateUser, item), await itemId(index));
      return {
        status: "succeeded",
        output: "id" in made ? { id: made.id } : { status: made.status },
      };
    },

  tasks:
    (_, { itemId, fileTask }) =>
    async ({ index, item }) => {
      const { id } = await fileTask(v.parse(CreateTask, item), await itemId(index));
      return { status: "succeeded", output: { id } };
    },

  "external-api": (work, { calls }) => createCallRunner(work, calls),
};
