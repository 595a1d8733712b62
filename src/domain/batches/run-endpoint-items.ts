// Runs batch items that are sent to an endpoint, by the same functions as its single requests.
import * as v from "valibot";
import { storable, type DueItem } from "../jobs/job";
import type { LaneOutcome } from "../jobs/lanes";
import { CreateTask, type Task } from "../records/tasks";
import type { SignedUp } from "../records/sign-up";
import { CreateUser } from "../records/users";
import { awayMs } from "./away";
import { isEndpointOperation, type EndpointOperation } from "./batch-operations";
import { toAttempt } from "./item-failure";
import type { BatchWork } from "./job-record";
import type { RequestBudget } from "./request-budget";
import { createCallRunner, type CallDeps } from "./run-call-item";

/** Requests that a call may take at most: itself, five redirects, and an access token. */
const REQUESTS_OF_CALL = 7;
/** Requests of a sign-up: three lookups of its domain, and one to the table. */
const REQUESTS_OF_USER = 4;
/** Requests of a task: to the tables of tasks and of users. */
const REQUESTS_OF_TASK = 2;

/** Requests that one item may take at most. */
export const REQUESTS_PER_ITEM: Readonly<Record<EndpointOperation, number>> = {
  users: REQUESTS_OF_USER,
  tasks: REQUESTS_OF_TASK,
  "external-api": REQUESTS_OF_CALL,
};

/** Functions of the endpoints. */
export interface EndpointDeps {
  readonly calls: Omit<CallDeps, "keyOf">;
  /** A UUID that belongs to an item: the same at each attempt, so that a repeat makes no second record. */
  readonly itemId: (index: number) => Promise<string>;
  readonly signUp: (body: CreateUser, id: string) => Promise<SignedUp>;
  readonly fileTask: (body: CreateTask, id: string) => Promise<Task>;
}

type RunItem = (due: DueItem) => Promise<LaneOutcome>;

/** Returns a function that attempts an item within the budget of its invocation. It never rejects. */
export function createItemRunner(
  work: BatchWork,
  deps: EndpointDeps,
  budget: RequestBudget,
): RunItem {
  if (!isEndpointOperation(work.operation)) throw new TypeError("Not an operation of an endpoint");
  const run = RUNNERS[work.operation](work, deps, budget);
  return async (due) => {
    try {
      const { attempt, requests } = await run(due);
      return { attempt: attempt && storable(attempt), requests };
    } catch (error) {
      const away = awayMs(error);
      if (away !== null) return { attempt: null, requests: 1, awayMs: away };
      return { attempt: toAttempt(error, due.index), requests: 1 };
    }
  };
}

// Of a record the result is its id: what it holds is the table's, and is erased there.
const RUNNERS: Record<
  EndpointOperation,
  (work: BatchWork, deps: EndpointDeps, budget: RequestBudget) => RunItem
> = {
  users:
    (_, { itemId, signUp }) =>
    async ({ index, item }) => {
      const made = await signUp(v.parse(CreateUser, item), await itemId(index));
      const output = "id" in made ? { id: made.id } : { status: made.status };
      return { attempt: { status: "succeeded", output }, requests: REQUESTS_OF_USER };
    },

  tasks:
    (_, { itemId, fileTask }) =>
    async ({ index, item }) => {
      const { id } = await fileTask(v.parse(CreateTask, item), await itemId(index));
      return {
        attempt: { status: "succeeded", output: { id } },
        requests: REQUESTS_OF_TASK,
      };
    },

  "external-api": (work, { calls, itemId }, budget) =>
    createCallRunner(work, { ...calls, keyOf: itemId }, budget),
};
