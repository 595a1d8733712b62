// Attempts of batch items that are calls of an endpoint, each through the very code of the single call.
import * as v from "valibot";
import type { Clock } from "../../lib/clock";
import { mapConcurrently } from "../../lib/map-concurrently";
import { storable, type Attempt, type DueItem, type Made } from "../jobs/job";
import { Reporter } from "../jobs/reporter";
import { CreateTask, type Task } from "../records/tasks";
import { CreateUser, type User } from "../records/users";
import { isEndpointOperation, type EndpointOperation } from "./batch-operations";
import { toAttempt } from "./item-failure";
import type { BatchWork } from "./job-record";
import { createCallRunner, type CallDeps } from "./run-call-item";

/** An attempt, or null where the invocation's budget is used up: the item stays due. */
type RunItem = (due: DueItem) => Promise<Attempt | null>;

/** What items need from outside. */
export interface EndpointDeps {
  readonly clock: Clock;
  readonly calls: CallDeps;
  /** The id of what an item creates, the same at each attempt. */
  readonly itemId: (index: number) => Promise<string>;
  readonly signUp: (body: CreateUser, id: string) => Promise<User>;
  readonly fileTask: (body: CreateTask, id: string) => Promise<Task>;
  /** Takes what was made so far, once, and says whether further items may be started. */
  readonly report: (made: Made) => Promise<boolean>;
}

/**
 * Attempts items that are calls of an endpoint, as many at once as the batch wants, until a report says
 * that no more are wanted. Rejects only where a report does.
 *
 * @returns what was not reported
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

const RUNNERS: Record<EndpointOperation, (work: BatchWork, deps: EndpointDeps) => RunItem> = {
  users:
    (_, { itemId, signUp }) =>
    async ({ index, item }) => {
      const user = await signUp(v.parse(CreateUser, item), await itemId(index));
      return { status: "succeeded", output: user };
    },

  tasks:
    (_, { itemId, fileTask }) =>
    async ({ index, item }) => {
      const task = await fileTask(v.parse(CreateTask, item), await itemId(index));
      return { status: "succeeded", output: task };
    },

  "external-api": (work, { calls }) => createCallRunner(work, calls),
};
