// Costs of each request in billable operations. The numbers are counted, not estimated: test/cost*.test.ts
// makes every request of this table inside the runtime, on the platform simulator, and fails if a count
// differs. `npm run cost` converts them to money.

/** Operations that the platform counts. What a call never does stands as 0. */
export interface Operations {
  readonly workerRequests: number;
  readonly kvReads: number;
  readonly kvWrites: number;
  readonly kvDeletes: number;
  readonly kvLists: number;
  /** Calls of Durable Objects' methods. */
  readonly objectRequests: number;
  /** Rings of Durable Objects' alarms: billed as requests. */
  readonly alarms: number;
  readonly rowsRead: number;
  /** Rows of tables, keys and alarms set, index entries included. */
  readonly rowsWritten: number;
  /** Not billed, but the free plan allows 50 an invocation. */
  readonly outgoing: number;
}

/** No operation at all. */
export const NOTHING: Operations = {
  workerRequests: 0,
  kvReads: 0,
  kvWrites: 0,
  kvDeletes: 0,
  kvLists: 0,
  objectRequests: 0,
  alarms: 0,
  rowsRead: 0,
  rowsWritten: 0,
  outgoing: 0,
};

/** Operations of one call and of all that follows from it, until nothing of it is left to do. */
export const COSTS = {
  "GET /health": { workerRequests: 1 },
  "POST /process-data": { workerRequests: 1 },
  "POST /external-api, three calls": { workerRequests: 1, outgoing: 3 },
  "POST /users": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 1,
    alarms: 1,
    rowsRead: 5,
    rowsWritten: 6,
    outgoing: 1,
  },
  "POST /users, with an Idempotency-Key": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 11,
    rowsWritten: 11,
    outgoing: 1,
  },
  "POST /users, to be confirmed, with its mail": {
    workerRequests: 1,
    objectRequests: 2,
    alarms: 2,
    rowsRead: 45,
    rowsWritten: 27,
    outgoing: 2,
  },
  "GET and POST /users/confirm": {
    workerRequests: 2,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 8,
    rowsWritten: 8,
  },
  "GET and POST /users/unsubscribe": {
    workerRequests: 2,
    kvDeletes: 1,
    objectRequests: 3,
    alarms: 3,
    rowsRead: 48,
    rowsWritten: 19,
  },
  "GET /users/<id>": { workerRequests: 1, objectRequests: 1, rowsRead: 1 },
  "GET /users, a page of fifty": { workerRequests: 1, objectRequests: 1, rowsRead: 52 },
  "GET /users?email=": { workerRequests: 1, objectRequests: 1, rowsRead: 1 },
  "PATCH /users/<id>": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 1,
    alarms: 1,
    rowsRead: 10,
    rowsWritten: 7,
  },
  "DELETE /users/<id>": {
    workerRequests: 1,
    kvDeletes: 1,
    objectRequests: 2,
    alarms: 2,
    rowsRead: 25,
    rowsWritten: 11,
  },
  "POST /tasks": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 1,
    alarms: 1,
    rowsRead: 8,
    rowsWritten: 5,
  },
  "POST /tasks, with an assignee": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 10,
    rowsWritten: 6,
  },
  "POST /tasks, one webhook told": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 30,
    rowsWritten: 17,
    outgoing: 1,
  },
  "POST /tasks, without a token": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 10,
    rowsWritten: 7,
  },
  "POST /tasks, the first of a day without a token": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    alarms: 2,
    rowsRead: 32,
    rowsWritten: 20,
  },
  "POST /tasks, refused on a day that is spent": {
    workerRequests: 1,
    objectRequests: 1,
    rowsRead: 2,
  },
  "POST /tasks, refused with an Idempotency-Key on a day that is spent": {
    workerRequests: 1,
    objectRequests: 2,
    rowsRead: 2,
  },
  "GET /tasks/<id>": { workerRequests: 1, objectRequests: 1, rowsRead: 1 },
  "GET /tasks, a page of fifty": { workerRequests: 1, objectRequests: 1, rowsRead: 52 },
  "PATCH /tasks/<id>": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 1,
    alarms: 1,
    rowsRead: 13,
    rowsWritten: 6,
  },
  "DELETE /tasks/<id>": {
    workerRequests: 1,
    kvDeletes: 1,
    objectRequests: 1,
    alarms: 1,
    rowsRead: 16,
    rowsWritten: 6,
  },
  "POST /batch-process, 100 texts": {
    workerRequests: 1,
    objectRequests: 1,
    alarms: 2,
    rowsRead: 12,
    rowsWritten: 7,
  },
  "POST /batch-process, 1,000 texts": {
    workerRequests: 1,
    objectRequests: 1,
    alarms: 2,
    rowsRead: 12,
    rowsWritten: 7,
  },
  "POST /batch-process, 10,000 texts": {
    workerRequests: 1,
    objectRequests: 10,
    alarms: 3,
    rowsRead: 88,
    rowsWritten: 45,
  },
  "POST /batch-process, 100,000 texts": {
    workerRequests: 1,
    objectRequests: 6,
    alarms: 3,
    rowsRead: 631,
    rowsWritten: 222,
  },
  "POST /batch-process, 100 calls": {
    workerRequests: 1,
    objectRequests: 8,
    alarms: 3,
    rowsRead: 36,
    rowsWritten: 22,
    outgoing: 100,
  },
  "POST /batch-process, 100 users": {
    workerRequests: 1,
    kvWrites: 100,
    objectRequests: 115,
    alarms: 4,
    rowsRead: 339,
    rowsWritten: 425,
    outgoing: 100,
  },
  "POST /batch-process, one user, with an Idempotency-Key": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 9,
    alarms: 4,
    rowsRead: 48,
    rowsWritten: 34,
    outgoing: 1,
  },
  "POST /batch-process, 100 tasks": {
    workerRequests: 1,
    kvWrites: 100,
    objectRequests: 110,
    alarms: 4,
    rowsRead: 441,
    rowsWritten: 325,
  },
  "GET /batch-process, a page of fifty": { workerRequests: 1, objectRequests: 1, rowsRead: 52 },
  "DELETE /batch-process, ten batches": {
    workerRequests: 1,
    objectRequests: 2,
    rowsRead: 80,
    rowsWritten: 30,
  },
  "GET /batch-process/<id>": { workerRequests: 1, objectRequests: 1, rowsRead: 1 },
} satisfies Record<string, Partial<Operations>>;

/**
 * Answers of other servers that objects wait for, one after another: of six at once, one. What a Worker
 * waits for costs nothing.
 */
export const OBJECT_WAITS: Partial<Record<keyof typeof COSTS, number>> = {
  "POST /users, to be confirmed, with its mail": 1,
  "POST /tasks, one webhook told": 1,
  "POST /batch-process, 100 calls": 17,
  "POST /batch-process, 100 users": 17,
  "POST /batch-process, one user, with an Idempotency-Key": 1,
};

/** A batch of slow calls, and what it takes: counted by test/schedules/slow-calls.test.ts, with a clock moved by hand. */
export interface SlowCalls {
  readonly calls: number;
  readonly callSeconds: number;
  /** Calls in flight. */
  readonly concurrency: number;
  readonly seconds: number;
  /** Seconds for which objects are awake, all together. */
  readonly objectSeconds: number;
  /** Invocations of lanes: requests of objects. */
  readonly sessions: number;
  /** Chunks saved: rows written. */
  readonly saves: number;
}

/** Batches of slow calls, as wide as a batch is unless it says otherwise, and as it may be. */
export const SLOW_CALLS: readonly SlowCalls[] = [
  { ...slow(1, 6), seconds: 1667, objectSeconds: 3334, sessions: 223, saves: 1733 },
  { ...slow(1, 48), seconds: 209, objectSeconds: 1881, sessions: 224, saves: 300 },
  { ...slow(60, 6), seconds: 100_020, objectSeconds: 200_040, sessions: 223, saves: 1733 },
  { ...slow(60, 48), seconds: 12_540, objectSeconds: 112_860, sessions: 224, saves: 300 },
];

function slow(callSeconds: number, concurrency: number) {
  return { calls: 10_000, callSeconds, concurrency };
}
